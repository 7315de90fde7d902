"""A small warehouse and a small desk, both made by hand."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.judging import judge
from expectations.planning import planned_checks
from expectations.verdicts import Finding, Verdict

TABLES = """
create schema raw;
create schema intermediate;
create schema marts;
create table raw.loads (
    load_id varchar, delivered_rows bigint, loaded_rows bigint, unchanged_rows bigint,
    deleted_rows bigint, quarantined_rows bigint
);
create table intermediate.int_opportunities_conformed (
    opportunity_id varchar, merged_into_id varchar, stage_id varchar, competitor varchar,
    next_step varchar, amount_doc decimal(18, 2), win_probability decimal(9, 6),
    is_deleted boolean, expected_close_date date, created_at timestamp, closed_at timestamp,
    is_vanished boolean, known_at timestamp, source_name varchar
);
create table intermediate.int_opportunity_changes_conformed (
    change_id varchar, opportunity_id varchar, field varchar, old_value varchar,
    new_value varchar, changed_at timestamp
);
create table intermediate.int_contacts_conformed (contact_id varchar, email varchar);
create table intermediate.int_targets_conformed (
    rep_id varchar, criterion varchar, target_value decimal(18, 2), month_start_date date
);
create table intermediate.int_invoice_lines_conformed (
    line_id varchar, document_id varchar, amount_doc decimal(18, 4)
);
create table intermediate.int_credit_notes_conformed (
    document_id varchar, amount_doc decimal(18, 2)
);
create table marts.fct_opportunities (opportunity_id varchar);
create table marts.fct_invoice_lines (
    line_id varchar, document_id varchar, amount_doc decimal(18, 4)
);
"""

ENTITIES = [
    "opportunities",
    "opportunity_changes",
    "contacts",
    "targets",
    "invoice_lines",
    "credit_notes",
]

DESK = {
    "stages.csv": """stage_id,stage_label,position,is_closed,is_won
qualification,Qualification,1,false,false
proposal,Proposal,2,false,false
won,Won,3,true,true
lost,Lost,4,true,false
""",
    "placeholders.csv": """placeholder,note
n/a,not available
-,a dash
it's open,with a quote
:-(,with a colon
{x},with braces
100%s,with a per cent sign
0,nothing
1900-01-01,no day
""",
    "mandatory_fields.csv": """entity,field,required_from,since,severity,weight,accountable,reason
opportunities,amount_doc,qualification,,error,3,rep,No amount no forecast.
opportunities,next_step,proposal,,warn,2,rep,A deal must move.
opportunities,expected_close_date,,2025-12-31,warn,1,rep,In force on the last day.
opportunities,competitor,,2026-01-01,warn,1,rep,In force only tomorrow.
contacts,email,,,warn,1,rep,Marketing writes there.
""",
}


class Company:
    """A warehouse and a desk in one folder, judged at the end of 2025-12-31."""

    as_of_at = datetime.fromisoformat("2025-12-31 23:00:00")
    as_of_date = date(2025, 12, 31)

    def __init__(self, folder: Path) -> None:
        self.warehouse = folder / "work.duckdb"
        self.desk = folder / "desk"
        self.desk.mkdir(parents=True)
        for name, text in DESK.items():
            (self.desk / name).write_text(text)
        self.run(TABLES)

    def run(self, sql: str) -> None:
        with duckdb.connect(str(self.warehouse)) as con:
            con.execute(sql)

    def add(self, table: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Insert rows; columns that a row does not name are NULL."""
        with duckdb.connect(str(self.warehouse)) as con:
            for row in rows:
                columns, marks = ", ".join(row), ", ".join("?" for _ in row)
                con.execute(f"insert into {table} ({columns}) values ({marks})", list(row.values()))

    def judge(self) -> dict[str, Verdict]:
        verdicts = judge(self.warehouse, self.desk, self.as_of_at, self.as_of_date)
        return {verdict.check.name: verdict for verdict in verdicts}

    def judge_one(self, name: str) -> Verdict:
        """Judge one check alone, which is quicker."""
        checks = [check for check in planned_checks(self.desk, ENTITIES) if check.name == name]
        (verdict,) = judge(self.warehouse, self.desk, self.as_of_at, self.as_of_date, checks)
        return verdict


def findings(verdict: Verdict) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """Field/rule -> evaluated, failed, record ids."""

    def figures(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
        return finding.evaluated_count, finding.failed_count, finding.record_ids

    return {f"{finding.field}/{finding.rule}": figures(finding) for finding in verdict.findings}
