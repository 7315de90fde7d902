"""A small warehouse and a small desk, both made by hand."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.desk.mandatory_fields import COLUMNS
from expectations.judging import judge
from expectations.planning import planned_checks
from expectations.verdicts import DeliveredTable, Finding, Verdict

TABLES = """
create schema raw;
create schema intermediate;
create schema marts;
create table raw.loads (
    load_id varchar, delivered_rows bigint, loaded_rows bigint, unchanged_rows bigint,
    deleted_rows bigint, quarantined_rows bigint, status varchar default 'landed'
);
create table intermediate.int_opportunities_conformed (
    opportunity_id varchar, rep_id varchar, merged_into_id varchar, record_type varchar,
    stage_id varchar, competitor varchar, next_step varchar,
    amount_doc decimal(18, 2), win_probability decimal(9, 6), is_deleted boolean,
    expected_close_date date, created_at timestamp, closed_at timestamp, is_vanished boolean,
    known_at timestamp, source_name varchar
);
create table intermediate.int_opportunity_changes_conformed (
    change_id varchar, opportunity_id varchar, field varchar, old_value varchar,
    new_value varchar, changed_at timestamp
);
create table intermediate.int_opportunities_versioned (
    opportunity_id varchar, stage_id varchar, version_no integer, valid_from timestamp,
    valid_to timestamp
);
create table intermediate.int_record_values_loaded (
    entity varchar, record_id varchar, born_at timestamp
);
create table intermediate.int_reps_conformed (rep_id varchar, team varchar);
create table intermediate.int_reps_loaded (
    rep_id varchar, team varchar, is_vanished boolean default false, load_no integer default 1,
    known_at timestamp default '2025-01-01'
);
create table intermediate.int_accounts_conformed (account_id varchar, rep_id varchar);
create table intermediate.int_contacts_conformed (
    contact_id varchar, account_id varchar, email varchar
);
create table intermediate.int_activities_conformed (
    activity_id varchar, rep_id varchar, activity_type varchar, activity_status varchar,
    minutes bigint, is_appointment boolean, booked_at timestamp, planned_at timestamp
);
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
create table marts.fct_field_violations (rule_id varchar, record_id varchar, is_open boolean);
create table marts.fct_invoice_lines (
    line_id varchar, document_id varchar, amount_doc decimal(18, 4)
);
"""

ENTITIES = [
    "accounts",
    "activities",
    "opportunities",
    "opportunity_changes",
    "contacts",
    "reps",
    "targets",
    "invoice_lines",
    "credit_notes",
]

DESK = {
    "stages.csv": """stage_id,stage_label,position,is_closed,is_won,is_dormant,is_unqualified
qualification,Qualification,1,false,false,false,false
proposal,Proposal,2,false,false,false,false
won,Won,3,true,true,false,false
lost,Lost,4,true,false,false,false
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
    "waivers.csv": "waiver_id,rule_id,scope,member,since,until,reason,granted_by\n",
    "thresholds.csv": "threshold_id,metric,entity,fields,scope,stages,minimum,maximum,window_days,"
    "min_records,severity,owner,reason\n",
    "kpis.csv": "kpi_id,label_en,label_fr,formula,unit,good_direction,warn_at,alert_at,owner\n",
    "custom_fields.csv": "source_name,table_name,column_name,data_type,is_personal,owner,rename_of,"
    "description\n",
}

RULE_COLUMNS = list(COLUMNS)

RULES: list[dict[str, str]] = [
    {"rule_id": "amount", "field": "amount_doc", "required_from": "qualification",
     "severity": "error", "reason": "No amount no forecast."},
    {"rule_id": "step", "field": "next_step", "required_from": "proposal"},
    {"rule_id": "close_date", "field": "expected_close_date", "since": "2025-12-31",
     "reason": "In force on the last day."},
    {"rule_id": "competitor", "field": "competitor", "since": "2026-01-01",
     "reason": "In force only tomorrow."},
    {"rule_id": "email", "entity": "contacts", "field": "email", "accountable": "marketing"},
]  # fmt: skip


# A deal, a stage, since when.
Stay = tuple[str, object, object]


class Company:
    """A warehouse and a desk in one folder, judged at the end of 2025-12-31."""

    as_of_at = datetime.fromisoformat("2025-12-31 23:00:00")
    as_of_date = date(2025, 12, 31)
    time_zone = "Europe/Paris"

    def __init__(self, folder: Path) -> None:
        self.warehouse = folder / "work.duckdb"
        self.desk = folder / "desk"
        self.desk.mkdir(parents=True)
        for name, text in DESK.items():
            (self.desk / name).write_text(text)
        self.rule(*RULES)
        self.run(TABLES)

    def rule(self, *rules: Mapping[str, str]) -> None:
        """Write mandatory_fields.csv: these rules and no other. What one does not say is usual."""
        usual = dict.fromkeys(RULE_COLUMNS, "") | {
            "rule_id": "the_rule",
            "entity": "opportunities",
            "severity": "warn",
            "weight": "1",
            "accountable": "rep",
            "owner": "sales_ops",
        }
        self._write("mandatory_fields.csv", RULE_COLUMNS, [usual | dict(rule) for rule in rules])

    def write(self, name: str, *rows: Mapping[str, str]) -> None:
        """Replace the rows of a desk file; what one does not say is empty."""
        columns = DESK[name].splitlines()[0].split(",")
        self._write(name, columns, [dict.fromkeys(columns, "") | dict(row) for row in rows])

    def _write(self, name: str, columns: list[str], rows: list[dict[str, str]]) -> None:
        with (self.desk / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)

    def add_deals(self, *deals: Mapping[str, object], log: Iterable[Stay] = ()) -> None:
        """Insert deals; one that the log does not tell of has always been in its present stage."""
        stays = list(log)
        told = {stay[0] for stay in stays}
        stays += [
            (str(deal["opportunity_id"]), deal["stage_id"], deal["created_at"])
            for deal in deals
            if deal["opportunity_id"] not in told
        ]
        self.add("intermediate.int_opportunities_conformed", deals)
        self.add_stays(stays)

    def add_stays(self, stays: Iterable[Stay]) -> None:
        """Insert versions: (deal, stage, since when), each until the next of its deal."""
        versions: dict[str, list[Stay]] = {}
        for stay in stays:
            versions.setdefault(stay[0], []).append(stay)
        rows = [
            {
                "opportunity_id": deal,
                "stage_id": stage,
                "version_no": number,
                "valid_from": since,
                "valid_to": mine[number][2] if number < len(mine) else None,
            }
            for mine in versions.values()
            for number, (deal, stage, since) in enumerate(mine, 1)
        ]
        self.add("intermediate.int_opportunities_versioned", rows)

    def run(self, sql: str) -> None:
        with duckdb.connect(str(self.warehouse)) as con:
            con.execute(sql)

    def add(self, table: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Insert rows; columns that a row does not name are NULL."""
        listed = list(rows)
        names = list(dict.fromkeys(name for row in listed for name in row))
        if not listed:
            return
        marks = ", ".join("?" for _ in names)
        insert = f"insert into {table} ({', '.join(names)}) values ({marks})"
        with duckdb.connect(str(self.warehouse)) as con:
            con.executemany(insert, [[row.get(name) for name in names] for row in listed])

    def judge(self) -> dict[str, Verdict]:
        verdicts = judge(
            self.warehouse,
            self.desk,
            self.as_of_at,
            self.as_of_date,
            business_tz=self.time_zone,
        )
        return {verdict.check.name: verdict for verdict in verdicts}

    def judge_one(
        self,
        name: str,
        sources: Collection[str] = (),
        delivered: Sequence[DeliveredTable] = (),
    ) -> Verdict:
        """Judge one check alone, which is quicker. sources: those that the company enables;
        delivered: their tables that declare a key."""
        planned = planned_checks(self.desk, ENTITIES, sources, delivered)
        checks = [check for check in planned if check.name == name]
        (verdict,) = judge(
            self.warehouse, self.desk, self.as_of_at, self.as_of_date, checks, self.time_zone
        )
        return verdict


def findings(verdict: Verdict) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """Field/rule -> evaluated, failed, record ids."""

    def figures(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
        return finding.evaluated_count, finding.failed_count, finding.record_ids

    return {f"{finding.field}/{finding.rule}": figures(finding) for finding in verdict.findings}
