"""Do the tests of the area see small faults in its SQL? Run: python -m tests.pipeline.mutation

Each mutant (mutants.py) is judged as the tests would: by the scenarios, by dbt's own checks, by the
reference model on random lives, by the leak test, and by the tests of corrected loads; the first
that objects has caught it.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir

import duckdb
from hypothesis import given, settings

from serving.any_day import MACROS
from tests.pipeline import test_corrected_loads
from tests.pipeline.any_day import Expected, complaint, published, replace_macros
from tests.pipeline.area import Area, Built, compiled
from tests.pipeline.comparison import differences, run
from tests.pipeline.lives import Company, companies
from tests.pipeline.mutant import Mutant
from tests.pipeline.mutants import MUTANTS
from tests.pipeline.pack import UNBELIEVABLE, build_pack, check, failed_checks
from tests.pipeline.reference import lives
from tests.pipeline.scenarios import SCENARIOS
from tests.pipeline.test_leaks import is_leaking
from tests.pipeline.test_properties import few
from tests.pipeline.turbulence import WINDOWS, turbulent

RATES = "every_currency_of_a_deal_has_a_plan_rate"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: caught by whom; "" it survived; None: it cannot be judged,
    because the text has moved on or what comes out is no SQL."""

    mutant: Mutant
    caught_by: str | None


@dataclass(frozen=True)
class Bench:
    """What mutants are judged on: the sound area, random companies, and a stage for macros."""

    area: Area
    herd: Sequence[Company]

    @cached_property
    def stage(self) -> tuple[Built, Expected, date]:
        """The turbulent company's marts, what the macros must answer, and the last day known."""
        company = turbulent()
        expected = Expected(lives(company.deals, company.world), WINDOWS)
        return published(self.area, company), expected, company.world.day

    def judge(self, mutant: Mutant) -> Verdict:
        """Apply one fault and let the tests look for it."""
        if mutant.model == "any_day":
            macros = mutant.apply(MACROS)
            return Verdict(mutant, caught_by(self.macro_objections(macros)) if macros else None)
        model = self.area.models.get(mutant.model)
        sql = mutant.apply(model.sql) if model else None
        if sql is None:
            return Verdict(mutant, None)
        changed = self.area.with_sql(mutant.model, sql)
        return Verdict(mutant, caught_by(objections(changed, self.herd)))

    def macro_objections(self, macros: str) -> Iterator[str]:
        """The waterfalls and the pipeline of any day, asked with other macros."""
        built, expected, newest = self.stage
        replace_macros(built, macros)
        if complaint(built, expected, newest):
            yield "waterfall"


def caught_by(objecting: Iterator[str]) -> str | None:
    """The first test that objects; "" where none does, None where the fault is no SQL."""
    try:
        return next(objecting, "")
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
    yield from correction_objections(area)


def correction_objections(area: Area) -> Iterator[str]:
    for name, judge in vars(test_corrected_loads).items():
        if name.startswith("test_"):
            try:
                judge(area)
            except AssertionError:
                yield "corrections"


def herd(size: int = 10) -> list[Company]:
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
    bench = Bench(area, herd())
    assert caught_by(objections(area, bench.herd)) == "", "the tests object to the SQL as it is"
    assert caught_by(bench.macro_objections(MACROS)) == "", "they object to the macros as they are"
    return [bench.judge(mutant) for mutant in MUTANTS]


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
