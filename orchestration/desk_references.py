"""What the desk says of sources and alerts, held against what there is: a name that nothing bears
would be a rule that never speaks."""

from pathlib import Path

from expectations.alerts import heartbeat
from expectations.alerts.policy import ROUTE_COLUMNS, ROUTES_FILE
from expectations.desk import custom_fields, kpis, mandatory_fields, thresholds
from expectations.desk_files import Cell, read_rows
from expectations.kinds import kind_of
from expectations.planning import planned_checks
from ingest.contract import Source, read_source
from orchestration.alerting import DESK, OWNER, RUN
from orchestration.company import LAKE_ITSELF, Company, declaration
from orchestration.landing import company_sources
from orchestration.places import DBT_PROJECT

# Entities whose custom_fields staging may fill: the register names them like a table.
HOLD_CUSTOM_FIELDS = ("accounts", "opportunities")
BUILT_IN = DBT_PROJECT / "models/staging"
ANY = "*"
OWNED = (mandatory_fields.FILE, thresholds.FILE, custom_fields.FILE, kpis.FILE)


def check_references(company: Company, entities: list[str]) -> None:
    """Raise ExpectationsError at the first name of a source, table or entity that nothing bears.

    entities: all that have a conformed table. A built-in source may be named though the company
    does not enable it, as an entity may that no source fills.
    """
    tables = {source.name: [t.name for t in source.tables] for source in _declared(company)}
    delivered = [f"{source}.{name}" for source, names in tables.items() for name in names]
    for threshold in thresholds.list_thresholds(company.desk):
        if threshold.is_delivery:
            threshold.cells["entity"].one_of(delivered, "delivered table")
    for row in read_rows(company.desk / custom_fields.FILE, custom_fields.COLUMNS):
        source = row["source_name"].one_of(list(tables), "source")
        row["table_name"].one_of([*tables[source], *HOLD_CUSTOM_FIELDS], f"table of {source}")
        _check_type(row["data_type"])
    checked = {check.entity for check in planned_checks(company.desk, entities)}
    about = {*entities, *tables, *delivered, *checked, RUN, DESK, heartbeat.ENTITY, kpis.ENTITY}
    owners = {OWNER, heartbeat.OWNER, *_owners(company.desk)}
    for row in read_rows(company.desk / ROUTES_FILE, ROUTE_COLUMNS):
        row["entity"].one_of([ANY, *sorted(about)], "entity that an alert can be about")
        row["owner"].one_of([ANY, *sorted(owners)], "owner of any rule, threshold or KPI")


def _owners(desk: Path) -> set[str]:
    """Who owns a line of the desk that can raise an alert."""
    lines = [row for file in OWNED for row in read_rows(desk / file, ["owner"])]
    return {row["owner"].text for row in lines}


def _declared(company: Company) -> list[Source]:
    """The enabled sources, and the built-in ones."""
    built_in = sorted(path.parent.name for path in BUILT_IN.glob("*/_*__sources.yml"))
    known = [name for name in built_in if name not in {*company.sources, LAKE_ITSELF}]
    return [*company_sources(company), *(read_source(declaration(BUILT_IN / n)) for n in known)]


def _check_type(cell: Cell) -> None:
    if kind_of(cell.text) == "other":
        raise cell.wrong(
            "is no type of a column",
            "Use one of: varchar, bigint, double, boolean, date, timestamp, decimal(18,2).",
        )
