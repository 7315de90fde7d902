"""CPU seconds of the checks on a million records under twenty rules.

    .venv/bin/python bench/checks.py [records]

Makes a synthetic warehouse (deals, their versions, the rules of a desk, the mart of violations) and
judges it twice: by `judge()` with Great Expectations, names and the reconciliation with the mart,
and by one query written by hand that gives the same counts. It reports; it judges nothing but that
both agree.

A million records, two cores shared with others, 2026-11-28: judge() 17.5 CPU seconds, the import of
Great Expectations 10.9 (once a run), the one query 4.3. In all 28.4, a tenth of a run of 284. The
share of a whole run of that size was not measured; of the demo's at SCALE=0.1, where the import
weighs most, the step Judge took 11.2 of 127 seconds.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from expectations.desk.mandatory_fields import COLUMNS
from expectations.judging import judge
from expectations.mandatory_fields import violations_query
from expectations.planning import FIELD_VIOLATIONS, mandatory_fields_check, planned_checks
from expectations.rules import Suite
from expectations.suites import Bench

AS_OF_AT, AS_OF_DATE = datetime.fromisoformat("2025-12-31 23:00:00"), date(2025, 12, 31)
STAGES = ("qualification", "proposal", "negotiation", "won", "lost")
TEXTS, NUMBERS, DAYS = 12, 4, 4

Value = TypeVar("Value")


def fields() -> list[str]:
    """Twenty ruled fields, texts first."""
    return [
        *(f"text_{n}" for n in range(TEXTS)),
        *(f"number_{n}" for n in range(NUMBERS)),
        *(f"day_{n}" for n in range(DAYS)),
    ]


def make_warehouse(path: Path, records: int) -> None:
    """Deals of two versions each; of their fields one in ten is empty, of texts more."""
    texts = ", ".join(
        f"case hash(i, {n}) % 20 when 0 then null when 1 then '' when 2 then 'N/A '"
        f" else 'value ' || (i * {n + 7} % 9973) end as text_{n}"
        for n in range(TEXTS)
    )
    numbers = ", ".join(
        f"if(hash(i, {n}, 1) % 10 = 0, null, cast(i % 1000 as decimal(18, 2))) as number_{n}"
        for n in range(NUMBERS)
    )
    days = ", ".join(
        f"if(hash(i, {n}, 2) % 10 = 0, null, date '2024-01-01' + cast(i % 700 as integer))"
        f" as day_{n}"
        for n in range(DAYS)
    )
    number = f"1 + cast(hash(i, 3) % {len(STAGES)} as integer)"
    stage = f"[{', '.join(map(repr, STAGES))}][{number}]"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema intermediate; create schema marts")
        con.execute(
            "create table intermediate.int_opportunities_conformed as select"
            f" 'OPP' || lpad(i::varchar, 8, '0') as opportunity_id, 'R' || i % 200 as rep_id,"
            f" cast(null as varchar) as merged_into_id, cast(null as varchar) as record_type,"
            f" {stage} as stage_id, false as is_deleted, false as is_vanished,"
            f" timestamp '2024-01-01' + to_minutes(i % 700000) as created_at,"
            f" {texts}, {numbers}, {days} from range({records}) as numbers (i)"
        )
        con.execute(
            "create table intermediate.int_opportunities_versioned as"
            " select opportunity_id, 'qualification' as stage_id, created_at as valid_from,"
            " created_at + interval 10 day as valid_to"
            " from intermediate.int_opportunities_conformed"
            " union all select opportunity_id, stage_id, created_at + interval 10 day, null"
            " from intermediate.int_opportunities_conformed"
        )


def make_mart(path: Path, desk: Path) -> None:
    """The open violations, as the mart lists them."""
    with duckdb.connect(str(path)) as con:
        bench = Bench(con, desk, AS_OF_AT, AS_OF_DATE, "UTC")
        (suite,) = bench.suites([mandatory_fields_check("opportunities")])
        assert isinstance(suite, Suite), suite
        con.execute(
            "create table marts.fct_field_violations as"
            f" select *, true as is_open from ({violations_query(suite)})"
        )


def make_desk(folder: Path) -> None:
    """Twenty rules: stages, grace, lengths, allowed values, limits, patterns."""
    folder.mkdir()
    stages = [
        f"{name},{name},{n},{str(n > 3).lower()},{str(n == 4).lower()},false,false"
        for n, name in enumerate(STAGES, 1)
    ]
    header = "stage_id,stage_label,position,is_closed,is_won,is_dormant,is_unqualified"
    (folder / "stages.csv").write_text("\n".join([header, *stages, ""]))
    (folder / "placeholders.csv").write_text("placeholder,note\nn/a,\n-,\ntest,\ntbd,\n0,\n")
    (folder / "waivers.csv").write_text(
        "waiver_id,rule_id,scope,member,since,until,reason,granted_by\n"
        "w1,text_1,rep,R7,2025-01-01,2026-01-31,x,y\n"
    )
    (folder / "thresholds.csv").write_text(
        "threshold_id,metric,entity,fields,scope,stages,minimum,maximum,window_days,min_records,"
        "severity,owner,reason\n"
    )
    lines = [",".join(COLUMNS)]
    for n, field in enumerate(fields()):
        row = dict.fromkeys(COLUMNS, "") | {
            "rule_id": field,
            "entity": "opportunities",
            "field": field,
            "severity": "warn",
            "weight": "1",
            "accountable": "rep",
            "owner": "ops",
            "required_from": "proposal" if n % 2 else "",
            "grace_days": "14" if n % 5 == 0 else "",
            "min_length": "7" if field in {"text_0", "text_1", "text_2"} else "",
            "pattern": "[a-z]+ [0-9]+" if field in {"text_3", "text_4"} else "",
            "min_value": "100" if field.startswith("number") else "",
            "max_value": "2025-06-30" if field.startswith("day") else "",
        }
        lines.append(",".join(row.values()))
    (folder / "mandatory_fields.csv").write_text("\n".join([*lines, ""]))


def hand_written() -> str:
    """One query as somebody who knows the data would write it: a blank is a space."""

    def due(n: int) -> str:
        grace = "2025-12-17 23:00:00" if n % 5 == 0 else "2025-12-31 23:00:00"
        return f"{'reached_at' if n % 2 else 'created_at'} < timestamp '{grace}'"

    def bad(field: str) -> str:
        if field.startswith("number"):
            return f"coalesce({field} < 100 or {field} = 0, true)"
        if field.startswith("day"):
            return f"coalesce({field} > date '2025-06-30', true)"
        empty = f"coalesce(lower(trim({field})) in ('', 'n/a', '-', 'test', 'tbd', '0'), true)"
        if field in {"text_0", "text_1", "text_2"}:
            return f"({empty} or length(trim({field})) < 7)"
        if field in {"text_3", "text_4"}:
            return f"({empty} or not regexp_full_match(trim({field}), '[a-z]+ [0-9]+'))"
        return empty

    counts = ", ".join(
        f"count(*) filter (where {due(n)}), count(*) filter (where {due(n)} and {bad(field)}"
        f"{' and rep_id <> ' + repr('R7') if field == 'text_1' else ''})"
        for n, field in enumerate(fields())
    )
    return (
        f"select {counts} from intermediate.int_opportunities_conformed join ("
        "select opportunity_id,"
        " min(valid_from) filter (where stage_id not in ('qualification', 'lost'))"
        " as reached_at from intermediate.int_opportunities_versioned group by opportunity_id)"
        " using (opportunity_id)"
    )


def timed(title: str, work: Callable[[], Value]) -> Value:
    """Do the work; tell its CPU and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{title:44} cpu {cpu:6.2f} s  wall {wall:6.2f} s")
    return done


def main(records: int, folder: Path) -> None:
    """Make, judge and compare."""
    warehouse, desk = folder / "work.duckdb", folder / "desk"
    timed(f"make {records:,} records", lambda: make_warehouse(warehouse, records))
    make_desk(desk)
    timed("import great_expectations", lambda: __import__("great_expectations"))
    checks = [
        check
        for check in planned_checks(desk, ["opportunities"])
        if check.entity == FIELD_VIOLATIONS or check.family == "mandatory_fields"
    ]
    make_mart(warehouse, desk)
    verdict, reconciled = timed(
        "judge(): 20 rules, names, reconciliation",
        lambda: judge(warehouse, desk, AS_OF_AT, AS_OF_DATE, checks),
    )
    print(f"{verdict.failed_count:,} violations, reconciliation {reconciled.status}")
    with duckdb.connect(str(warehouse), read_only=True) as con:
        row = timed("one query by hand", lambda: con.execute(hand_written()).fetchone())
    judged = [n for f in verdict.findings for n in (f.evaluated_count, f.failed_count)]
    print("the same counts" if tuple(judged) == row else f"DIFFERENT\n{judged}\n{row}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, Path(scratch))
