"""Do the tests of the area see small faults in its SQL? Run: python -m tests.pipeline.mutation

Each mutant (mutants.py) is judged as the tests would: by the scenarios, by dbt's own checks, by the
reference model on random lives, and by the leak test; the first that objects has caught it.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import duckdb
from hypothesis import given, settings

from serving.any_day import MACROS
from tests.pipeline.any_day import objection
from tests.pipeline.area import Area, compiled
from tests.pipeline.comparison import differences, run
from tests.pipeline.lives import Company, companies
from tests.pipeline.mutant import Mutant
from tests.pipeline.mutants import MUTANTS
from tests.pipeline.pack import UNBELIEVABLE, build_pack, check, failed_checks
from tests.pipeline.scenarios import SCENARIOS
from tests.pipeline.test_leaks import is_leaking
from tests.pipeline.test_properties import few

RATES = "every_currency_of_a_deal_has_a_plan_rate"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: caught by whom; "" it survived; None: it cannot be judged,
    because the text has moved on or what comes out is no SQL."""

    mutant: Mutant
    caught_by: str | None


def judge(area: Area, mutant: Mutant, herd: Sequence[Company]) -> Verdict:
    """Apply one fault and let the tests look for it."""
    model = area.models.get(mutant.model)
    if mutant.model == "any_day":
        macros = mutant.apply(MACROS)
        return Verdict(mutant, caught_by(area, herd, macros) if macros else None)
    sql = mutant.apply(model.sql) if model else None
    if sql is None:
        return Verdict(mutant, None)
    return Verdict(mutant, caught_by(area.with_sql(mutant.model, sql), herd))


def caught_by(area: Area, herd: Sequence[Company], macros: str | None = None) -> str | None:
    """The first test that objects to an area, or to other macros of the published file.

    "" where none does, None where it is no SQL.
    """
    try:
        found = macro_objections(area, herd, macros) if macros else objections(area, herd)
        return next(found, "")
    except (duckdb.BinderException, duckdb.ParserException):
        return None
    except duckdb.Error:
        return "error"
    except AssertionError:
        return "reference"


def objections(area: Area, herd: Sequence[Company]) -> Iterator[str]:
    pack = build_pack(area)
    for scenario in SCENARIOS:
        found = check(pack[scenario.day], scenario)
        if any(expected != rows for expected, rows in found.values()):
            yield "scenarios"
    if any(set(built.failed()) - {RATES} for built in pack.values()):
        yield "dbt tests"
    if any(name not in failed_checks(area, one) for name, one in UNBELIEVABLE.items()):
        yield "dbt tests"
    for number, company in enumerate(herd):
        if next(differences(run(area, company), company), ""):
            yield "reference"
        if is_leaking(area, company, number):
            yield "leak"


def macro_objections(area: Area, herd: Sequence[Company], macros: str) -> Iterator[str]:
    """The waterfalls and the pipeline of any day, on windows of every length."""
    offsets = [(0, 0), (3, 17), (1, 14), (20, 45), (0, 58), (25, 30)]
    for company in herd:
        if objection(area, company, offsets, macros):
            yield "waterfall"


def herd(size: int = 6) -> list[Company]:
    """The same random companies for every mutant, the largest of a larger number."""
    found: list[Company] = []

    @settings(few, max_examples=4 * size)
    @given(company=companies())
    def collect(company: Company) -> None:
        found.append(company)

    collect()
    return sorted(found, key=lambda company: len(company.deals))[-size:]


def survey(area: Area) -> list[Verdict]:
    """Every mutant's verdict. Raises AssertionError where the unchanged area is objected to."""
    companies_of_all = herd()
    assert caught_by(area, companies_of_all) == "", "the tests object to the SQL as it is"
    assert caught_by(area, companies_of_all, MACROS) == "", "they object to the macros as they are"
    return [judge(area, mutant, companies_of_all) for mutant in MUTANTS]


def report(verdicts: Sequence[Verdict]) -> str:
    """How many were caught and by whom, and each survivor with its reason."""
    applied = [verdict for verdict in verdicts if verdict.caught_by is not None]
    caught = [verdict for verdict in applied if verdict.caught_by]
    by_whom = Counter(verdict.caught_by for verdict in caught)
    lines = [f"{len(caught)} of {len(applied)} mutants caught: {dict(by_whom)}"]
    for verdict in verdicts:
        if not verdict.caught_by:
            what = "survived" if verdict.caught_by == "" else "cannot be judged any more"
            lines.append(f"{what}: {verdict.mutant} ({verdict.mutant.excuse or 'no excuse'})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(survey(compiled(Path(gettempdir()) / "pilotage-area"))) + "\n")
