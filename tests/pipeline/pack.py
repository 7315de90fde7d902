"""The scenarios built together, one run of the area per as_of, and compared each by itself."""

from collections.abc import Sequence
from datetime import date

from tests.pipeline.area import Area, Built, Row, Settings, build
from tests.pipeline.crm import Deal, change, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.scenario import DAY, EXPORT, Scenario
from tests.pipeline.scenarios import SCENARIOS
from tests.pipeline.tables import Table, read, runs_of_days, shown
from tests.pipeline.teams import reps_delivered

KEYS = {
    "versions": ("fct_opportunity_versions", ("opportunity_id", "version_no")),
    "visits": ("fct_stage_visits", ("opportunity_id", "entered_at")),
    "states": ("fct_opportunity_day_states", ("opportunity_id", "from_date")),
    "intervals": ("fct_pipeline_intervals", ("opportunity_id", "from_date")),
    "today": ("fct_opportunities", ("opportunity_id",)),
    "moves": ("fct_pipeline_movements", ("opportunity_id", "movement_date", "bucket")),
}


# Deals that nobody may believe: what the check is called that must object to each.
UNBELIEVABLE = {
    "every_stage_of_a_version_is_on_the_desk": deal(
        "new-stage",
        "2025-01-06 09:00",
        change("2025-01-10 09:00", "stage", "pilot_phase"),
        change("2025-01-12 09:00", "stage", "proposal"),
    ),
    "every_stage_of_an_opportunity_is_on_the_desk": deal(
        "new-stage-today", "2025-01-06 09:00", stage="pilot_phase"
    ),
    "win_probabilities_lie_between_0_and_1": deal("sure", "2025-01-06 09:00", probability="150"),
    "every_currency_of_a_deal_has_a_plan_rate": deal("francs", "2025-01-06 09:00", currency="CHF"),
    "no_deal_is_closed_after_as_of": deal(
        "prophecy",
        "2025-01-06 09:00",
        change("2025-06-10 09:00", "stage", "closed_won", learnt="2025-05-30 09:00"),
    ),
}
Pack = dict[date, Built]


def build_pack(area: Area, scenarios: Sequence[Scenario] = SCENARIOS) -> Pack:
    """as_of day -> the marts of all the scenarios that share it."""
    shared: dict[date, list[Scenario]] = {}
    for scenario in scenarios:
        shared.setdefault(scenario.day, []).append(scenario)
    return {day: _build_day(area, day, together) for day, together in shared.items()}


def _build_day(area: Area, day: date, scenarios: list[Scenario]) -> Built:
    rows: dict[str, list[Row]] = {}
    for scenario in scenarios:
        loads = [instant(load) for load in scenario.loads]
        told = {"reps": reps_delivered(scenario.teams, loads), **lake(scenario.deals, loads)}
        for table, delivered in told.items():
            rows.setdefault(table, []).extend(delivered)
    return build(area, rows, DESK, Settings(day))


def failed_checks(area: Area, one: Deal) -> list[str]:
    """The dbt tests that object to a deal."""
    built = build(area, lake([one], [instant(EXPORT)]), DESK, Settings(DAY))
    return built.failed()


def check(built: Built, scenario: Scenario) -> dict[str, tuple[Table, Table]]:
    """Mart's short name -> (expected rows, found rows), both as text, in the order of the keys."""
    found = {}
    for name, text in scenario.expect.items():
        expected = read(text)
        columns = list(expected[0]) if expected else ["opportunity_id"]
        rows = _snapshots(built, scenario) if name == "runs" else _rows(built, scenario, name)
        found[name] = (expected, shown(rows, columns))
    return found


def _rows(built: Built, scenario: Scenario, name: str) -> list[Row]:
    mart, key = KEYS[name]
    deals = {deal.deal_id for deal in scenario.deals}
    rows = [row for row in built.marts[mart] if row["opportunity_id"] in deals]
    return sorted(rows, key=lambda row: tuple(row[column] for column in key))


def _snapshots(built: Built, scenario: Scenario) -> list[Row]:
    reps = {deal.born_with["owner_id"] for deal in scenario.deals}
    reps |= {c.value for d in scenario.deals for c in d.changes if c.field == "owner_id"}
    snapshots = built.marts["fct_pipeline_snapshots"]
    return runs_of_days([row for row in snapshots if row["rep_id"] in reps])
