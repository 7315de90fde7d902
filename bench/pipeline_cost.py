"""CPU seconds of building the pipeline area with dbt, beside a script that is written by hand.

    .venv/bin/python bench/pipeline_cost.py ../shared/bench/pipeline.py [pairs] [company]

The company has been built (`make run`); its own deals and log are handed to the script in the form
that it reads, folders of CSV files beside it: once with the four fields of the log that it looks
at, once with all fields whose past the area keeps, so that both read the same. A third comparison
is with area_by_hand.py, which not only reads but keeps them (demo company). The two are run in
turn (by hand, with dbt, by hand), and a pair whose two runs by hand differ by more than a tenth
does not count. Printed are CPU seconds of the process tree and their ratio; of the script only the
steps that this area has too, of the area the whole, and the models that do those same steps. What
dbt needs to start and to compile the same models is told apart. It reports; it judges nothing.
"""

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.as_of import resolve_as_of
from orchestration.company import Company, find_company
from orchestration.dbt_settings import dbt_arguments, dbt_environment
from orchestration.places import DBT_PROJECT, dbt_executable

# The script's steps that this area has too: from the exports to what answers any day.
STEPS = (
    *("load_opp_history", "load_opps", "stg_opp", "stg_hist", "fct_stage_visit"),
    *("opp_interval", "agg_day_rep_stage", "opp_interval_month"),
)
IN_FULL = Path(__file__).with_name("area_by_hand.py")
MODELS = (
    *("int_opportunities_conformed", "int_opportunity_changes_conformed"),
    *("path:models/intermediate/pipeline", "path:models/marts/pipeline"),
)
# The models that do what the script's steps do: all but movements, segments, weeks and months.
SAME_STEPS = (
    *("int_opportunities_conformed", "int_opportunity_changes_conformed"),
    *("int_opportunities_loaded", "int_opportunities_witnessed", "int_opportunity_values_logged"),
    *("int_opportunity_values_loaded", "int_opportunity_closings_reconstructed"),
    *("int_opportunity_values_changed", "int_opportunity_values_started"),
    *("int_opportunities_versioned", "fct_opportunity_versions", "int_stage_spells"),
    *("fct_stage_visits", "int_opportunity_day_runs", "fct_opportunity_day_states"),
    *("fct_pipeline_intervals", "fct_pipeline_snapshots"),
)
LABELS = ("Qualification", "Discovery", "Proposal", "Negotiation", "Verbal")
# Name of an export -> the fields of the log that are in it.
FIELDS = {
    "four": "'stage_id', 'amount_doc', 'expected_close_date', 'win_probability'",
    "all": "select field from intermediate.int_opportunity_values_logged",
}
# File -> its rows from a built warehouse; {stage} makes the script's labels of stages.
# No text of the log with a comma: the script takes what comes first for a file without quotes.
EXPORTS = {
    "opp_history": """
        select change_id as event_id, 'O' || regexp_extract(opportunity_id, '\\d+$') as
            opportunity_id, changed_at,
            case field when 'stage_id' then 'stage' when 'amount_doc' then 'amount'
                when 'expected_close_date' then 'close_date'
                when 'win_probability' then 'probability' else field end as field,
            case field when 'stage_id' then {stage}
                when 'win_probability' then (100 * try_cast(new_value as double))::int::varchar
                else replace(new_value, ',', ';') end as new_value,
            known_at as loaded_at
        from intermediate.int_opportunity_changes_conformed
        left join marts.dim_stages on new_value = dim_stages.stage_id
        where field in ({fields})
    """,
    "opportunities": """
        select 'O' || regexp_extract(opportunity_id, '\\d+$') as id, account_id,
            'R' || coalesce(regexp_extract(rep_id, '\\d+$'), '0') as owner_id,
            opportunity_name as name, {stage} as stage, amount_doc as amount,
            expected_close_date as close_date, (100 * win_probability)::int as probability,
            lead_source as source, next_step, competitor, created_at, known_at as updated_at
        from intermediate.int_opportunities_conformed
        left join marts.dim_stages using (stage_id)
    """,
    "accounts": "select account_id, 'Gold' as segment, 'North' as territory "
    "from marts.dim_accounts",
    "reps": "select 'R' || regexp_extract(rep_id, '\\d+$') as rep_id, rep_name as name, "
    "coalesce(seniority, 'senior') as seniority, coalesce(territory, 'North') as territory "
    "from marts.dim_reps",
    "invoice_lines": "select '' as line_id, '' as invoice_id, '' as account_id, "
    "'' as opportunity_id, '' as invoice_date, '' as product_id, 1 as qty, 1 as unit_price, "
    "1 as unit_cost, '' as updated_at where false",
    "marketing_events": "select '' as event_id, '' as contact_id, '' as ts, '' as type, "
    "'' as campaign_id, '' as url where false",
}


@dataclass(frozen=True)
class Place:
    """A scratch copy of a built company, and the exports for the script beside it."""

    company: Company
    folder: Path
    script: Path

    def export(self) -> None:
        """Write the company's deals as the script reads them."""
        labels = ", ".join(f"'{label}'" for label in LABELS)
        stage = (
            "case when is_won then 'Closed Won' when is_closed then 'Closed Lost' "
            f"else [{labels}][least(stage_position, {len(LABELS)})] end"
        )
        with duckdb.connect(str(self.company.warehouse), read_only=True) as connection:
            for export, fields in FIELDS.items():
                folder = self.folder / "data" / export
                folder.mkdir(parents=True)
                for name, sql in EXPORTS.items():
                    query = sql.format(stage=stage, fields=fields)
                    connection.execute(f"copy ({query}) to '{folder / name}.csv' (header)")

    def by_hand(self, export: str) -> float:
        """CPU seconds of the script's steps on one export."""
        spent = self._spent(str(self.script), export, "by_hand.duckdb")
        return sum(spent[step] for step in STEPS)

    def by_hand_in_full(self) -> float:
        """CPU seconds of the script that keeps what the area keeps."""
        warehouse, lake = str(self.company.warehouse), str(self.company.lake)
        return sum(self._spent(str(IN_FULL), warehouse, lake, "in_full.duckdb").values())

    def _spent(self, *arguments: str) -> dict[str, float]:
        command = [sys.executable, *arguments]
        told = subprocess.run(  # noqa: S603 the command line names the script
            command, cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout
        steps = re.findall(r"^  (\w+) +[\d.]+ wall +([\d.]+) cpu", told, re.MULTILINE)
        return {step: float(cpu) for step, cpu in steps}

    def with_dbt(self, command: str, models: tuple[str, ...]) -> float:
        """CPU seconds of dbt and what it starts, for these models."""
        oldest, newest = self._extracted()
        as_of = resolve_as_of(None, self.company.business_tz, oldest, newest)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 our own dbt
            [dbt_executable(), *dbt_arguments(self.company, [command, "--select", *models])],
            cwd=DBT_PROJECT,
            env={**os.environ, **dbt_environment(self.company, as_of)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _extracted(self) -> tuple:
        with duckdb.connect(str(self.company.warehouse), read_only=True) as connection:
            row = connection.execute(
                "select min(known_at), max(known_at) from intermediate.int_opportunities_loaded"
            ).fetchone()
        assert row
        return row


def main(script: str, pairs: int = 5, name: str = "demo") -> None:
    """Run the pairs and print what they cost."""
    company = find_company(name)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        home = folder / "home"
        home.mkdir()
        shutil.copy(company.warehouse, home / company.warehouse.name)
        (home / "lake").symlink_to(company.lake)
        place = Place(replace(company, home=home), folder, Path(script).resolve())
        place.export()
        place.with_dbt("compile", SAME_STEPS)  # parses the project, which no other call here does
        print("the whole area, beside the script on four fields")
        _compare(place, lambda: place.by_hand("four"), MODELS, pairs)
        print("the same steps, both on the whole log")
        _compare(place, lambda: place.by_hand("all"), SAME_STEPS, pairs)
        print("the same steps, the script by hand keeps what the area keeps")
        _compare(place, place.by_hand_in_full, SAME_STEPS, pairs)


def _compare(
    place: Place, by_hand: Callable[[], float], models: tuple[str, ...], pairs: int
) -> None:
    start = place.with_dbt("compile", models)
    ratios, net = [], []
    for _ in range(pairs):
        before = by_hand()
        ours = place.with_dbt("run", models)
        after = by_hand()
        limit, is_calm = (before + after) / 2, abs(before - after) <= 0.1 * max(before, after)
        print(
            f"  by hand {before:6.2f} {after:6.2f}   dbt {ours:6.2f}   ratio {ours / limit:5.2f}"
            f"   without dbt's start {(ours - start) / limit:5.2f}"
            f"{'' if is_calm else '   (restless: does not count)'}"
        )
        if is_calm:
            ratios.append(ours / limit)
            net.append((ours - start) / limit)
    if ratios:
        print(
            f"  CPU seconds, median of {len(ratios)} pairs: ratio {statistics.median(ratios):.2f}"
            f", without dbt's start and compilation ({start:.1f} s) {statistics.median(net):.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]), *sys.argv[3:4])
