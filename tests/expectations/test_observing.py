"""What an evaluation finds at the end of a day, on marts made by hand."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hand_made import Company

from expectations.alerts.book import open_book
from expectations.alerts.decisions import Person, resolve
from expectations.alerts.entries import all_alerts
from expectations.alerts.evaluation import evaluate
from expectations.alerts.observation import Observation
from expectations.alerts.policy import read_policy
from expectations.desk.thresholds import METRICS
from expectations.observing import desk_rules, observe, rules_for_nothing, waivers_for_nobody
from orchestration.places import COMPANIES

TODAY = date(2025, 12, 31)
MARTS = """
drop table marts.fct_field_violations;
create table marts.fct_field_violations (
    violation_id varchar, rule_id varchar, entity varchar, record_id varchar, field varchar,
    rep_id varchar, rep_id_current varchar, stage_id varchar, amount_at_risk decimal(18, 2),
    is_open boolean, first_seen_date date, resolved_date date
);
create table marts.fct_field_fills (
    entity varchar, field varchar, rep_id varchar, team varchar, stage_id varchar,
    due_count integer, filled_count integer, missing_count integer, invalid_count integer,
    default_count integer, snapshot_date date
);
create table marts.dim_reps (rep_id varchar, team varchar);
create table marts.fct_loads (
    load_id varchar, source_name varchar, table_name varchar, delivery_mode varchar,
    contract_version varchar, delivered_rows bigint, extracted_at timestamp,
    status varchar default 'landed'
);
create table marts.dim_accounts (account_id varchar, rep_id_current varchar);
create table marts.fct_contact_statuses (contact_id varchar, rep_id varchar, is_stale boolean);
create table marts.fct_duplicate_candidates (
    entity varchar, record_id varchar, candidate_id varchar
);
create table marts.dim_custom_fields (
    source_name varchar, table_name varchar, column_name varchar, state varchar, owner varchar,
    first_seen_date date
);
insert into marts.dim_reps values ('r1', 'North'), ('r2', 'North'), ('r3', 'South'), ('r4', null);
"""
TEAMS = {"r1": "North", "r2": "North", "r3": "South"}


@pytest.fixture
def marts(company: Company) -> Company:
    company.run(MARTS)
    return company


def thresholds(company: Company, *lines: Mapping[str, str]) -> None:
    usual = {"entity": "opportunities", "scope": "company", "severity": "warn", "owner": "ops"}
    company.write(
        "thresholds.csv",
        *({"threshold_id": f"t{n}"} | usual | dict(line) for n, line in enumerate(lines, 1)),
    )


def seen(
    company: Company, family: str, day: date | None = None, desk: Path | None = None
) -> dict[str, Observation]:
    """What was observed of a family, by scope, field or rule: whatever tells them apart."""
    observed = observe(
        company.warehouse, desk or company.desk, company.as_of_at, company.as_of_date, day
    )
    mine = [each for each in observed if each.family == family]
    assert len({each.fingerprint for each in observed}) == len(observed)
    return {f"{each.rule}/{each.scope}": each for each in mine}


def fills(
    company: Company,
    rows: Iterable[tuple[str, str, int, int, date]],
    field: str = "next_step",
    teams: Mapping[str, str] = TEAMS,
) -> None:
    """rows: rep, stage, due, filled, day; what is due and not filled is missing."""
    company.add(
        "marts.fct_field_fills",
        [
            {
                "entity": "opportunities",
                "field": field,
                "rep_id": rep,
                "team": teams.get(rep),
                "stage_id": stage,
                "due_count": due,
                "filled_count": filled,
                "missing_count": due - filled,
                "invalid_count": 0,
                "default_count": filled // 2,
                "snapshot_date": day,
            }
            for rep, stage, due, filled, day in rows
        ],
    )


def violations(company: Company, *rows: Mapping[str, object]) -> None:
    usual = {"rule_id": "step", "entity": "opportunities", "field": "next_step"}
    company.add("marts.fct_field_violations", [usual | dict(row) for row in rows])


FILL_RATE = {
    "metric": "fill_rate",
    "fields": "next_step",
    "scope": "team",
    "stages": "open",
    "minimum": "0.75",
    "min_records": "4",
}


def test_each_team_is_held_against_the_minimum(marts: Company) -> None:
    thresholds(marts, FILL_RATE)
    fills(
        marts,
        [
            # North: 5 of 8 in open stages; what is won does not count.
            ("r1", "proposal", 4, 1, TODAY),
            ("r2", "qualification", 4, 4, TODAY),
            ("r2", "won", 50, 50, TODAY),
            # South: exactly the minimum. r4 has no team. An unknown rep: too few records.
            ("r3", "proposal", 4, 3, TODAY),
            ("r4", "proposal", 5, 2, TODAY),
        ],
    )
    found = seen(marts, "fill_rate")
    assert {key: (o.is_bad, o.failed_count, o.evaluated_count) for key, o in found.items()} == {
        "t1/team:North": (True, 3, 8),
        "t1/team:South": (False, 1, 4),
        "t1/team:unassigned": (True, 3, 5),
    }
    assert found["t1/team:North"].title == (
        "Team North fills 62.5 % of next_step of opportunities; 75 % is the minimum."
    )


def test_too_few_records_are_neither_good_nor_bad(marts: Company) -> None:
    thresholds(marts, FILL_RATE | {"scope": "rep"})
    fills(marts, [("r1", "proposal", 3, 0, TODAY), ("r2", "proposal", 4, 0, TODAY)])
    found = seen(marts, "fill_rate")
    assert {key: each.is_bad for key, each in found.items()} == {
        "t1/rep:r1": None,
        "t1/rep:r2": True,
    }


def test_an_observation_says_since_when_and_how_it_went(marts: Company) -> None:
    """Bad for three days until the 30th, good on the 31st; eight points by weeks, gaps included."""
    thresholds(marts, FILL_RATE | {"scope": "company", "stages": ""})
    filled = {0: 9, 1: 7, 2: 5, 3: 7, 4: 8, 7: 6, 21: 10}
    fills(
        marts,
        [("r1", "won", 10, n, TODAY - timedelta(days=days)) for days, n in filled.items()],
    )
    today = seen(marts, "fill_rate")["t1/company"]
    assert (today.is_bad, today.since) == (False, None)
    assert today.trend == (None, None, None, None, 1.0, None, 0.6, 0.9)
    yesterday = seen(marts, "fill_rate", date(2025, 12, 30))["t1/company"]
    assert (yesterday.is_bad, yesterday.since) == (True, date(2025, 12, 28))


def test_a_rate_is_bad_since_its_true_beginning_however_long_ago(marts: Company) -> None:
    """Good until the 3rd of June, bad for the 211 days since; a rep who left is not observed."""
    thresholds(marts, FILL_RATE | {"scope": "rep", "stages": ""})
    days = [TODAY - timedelta(days=ago) for ago in range(220)]
    bad = date(2025, 6, 4)
    fills(marts, [("r1", "won", 10, 5 if day >= bad else 9, day) for day in days])
    fills(marts, [("r2", "won", 10, 5, TODAY - timedelta(days=91))])
    found = seen(marts, "fill_rate")
    assert list(found) == ["t1/rep:r1"]
    assert found["t1/rep:r1"].since == bad


def test_a_rule_counts_the_records_in_which_it_is_due_itself(marts: Company) -> None:
    """Two rules ask for next_step, each of its record type: 6 and 4 records owe it."""
    rule = {"entity": "opportunities", "field": "next_step", "severity": "warn", "weight": "1"}
    rule |= {"accountable": "rep", "owner": "sales_ops", "reason": "Made up."}
    marts.rule(
        rule | {"rule_id": "step", "record_types": "volume"},
        rule | {"rule_id": "other", "record_types": "key_account"},
    )
    fills(marts, [("r1", "won", 10, 7, TODAY), ("r1", "won", 9, 7, TODAY - timedelta(days=1))])
    marts.run(
        "create table marts.mart_field_quality (rule_id varchar, due_count integer);"
        "insert into marts.mart_field_quality values ('step', 6), ('other', 4)"
    )
    violations(marts, {"record_id": "o1", "first_seen_date": date(2025, 12, 1)})
    found = seen(marts, "mandatory_fields")
    told = {key: (o.failed_count, o.evaluated_count) for key, o in found.items()}
    assert told == {"step/company": (1, 6), "other/company": (0, 4)}
    assert found["step/company"].title == (
        "next_step of opportunities: 1 of 6 due are empty or invalid."
    )
    # Of an earlier day the fills know both together: no count is better than a wrong one.
    before = seen(marts, "mandatory_fields", TODAY - timedelta(days=1))["step/company"]
    assert (before.failed_count, before.evaluated_count) == (1, 0)
    assert before.title == "next_step of opportunities: 1 are empty or invalid."


def test_a_bad_rate_shows_its_rows(marts: Company) -> None:
    thresholds(marts, FILL_RATE)
    fills(marts, [(rep, "proposal", 10, 1, TODAY) for rep in ("r1", "r2", "r3")])
    open_ = {"stage_id": "proposal", "is_open": True, "first_seen_date": date(2025, 12, 1)}
    violations(
        marts,
        *({"record_id": f"o{n}", "rep_id_current": "r1"} | open_ for n in range(7)),
        {"record_id": "o7", "rep_id_current": "r3", "amount_at_risk": 5} | open_,
        # One amount for one record, however many of its fields are empty.
        *({"record_id": "o8", "rep_id_current": "r2", "amount_at_risk": 7} | open_,) * 2,
        # Closed by then, seen only later, in a closed stage: not among them.
        {"record_id": "x1", "rep_id_current": "r1"} | open_ | {"resolved_date": TODAY},
        {"record_id": "x2", "rep_id_current": "r1"} | open_ | {"first_seen_date": date(2026, 1, 1)},
        {"record_id": "x3", "rep_id_current": "r1"} | open_ | {"stage_id": "won"},
    )
    north = seen(marts, "fill_rate")["t1/team:North"]
    assert north.record_ids == ("o0", "o1", "o2", "o3", "o4")
    assert north.money_at_risk == Decimal(7)
    with duckdb.connect(str(marts.warehouse), read_only=True) as con:
        rows = con.execute(north.rows_query).fetchall()
    assert sorted({row[3] for row in rows}) == [*(f"o{n}" for n in range(7)), "o8"]


def test_a_rate_may_not_fall_too_far_within_its_window(marts: Company) -> None:
    thresholds(
        marts,
        {
            "metric": "fill_rate_drop",
            "fields": "next_step",
            "maximum": "0.2",
            "window_days": "28",
        },
    )
    before = TODAY - timedelta(days=28)
    fills(
        marts,
        [
            ("r1", "won", 10, 9, before),
            ("r1", "won", 10, 7, TODAY),
            ("r1", "won", 10, 9, before - timedelta(days=1)),
            ("r1", "won", 100, 69, TODAY - timedelta(days=1)),
        ],
    )
    assert seen(marts, "fill_rate_drop")["t1/company"].is_bad is False
    yesterday = seen(marts, "fill_rate_drop", TODAY - timedelta(days=1))["t1/company"]
    assert yesterday.is_bad is True
    assert "from 90 % to 69 % within 28 days" in yesterday.title
    longer = seen(marts, "fill_rate_drop", before)["t1/company"]
    assert longer.is_bad is None


def test_a_value_may_be_too_common(marts: Company) -> None:
    line = {"metric": "default_share", "fields": "next_step"}
    thresholds(marts, line | {"maximum": "0.5"}, line | {"maximum": "0.49"})
    fills(marts, [("r1", "won", 12, 10, TODAY)])
    found = seen(marts, "default_share")
    assert [each.is_bad for each in found.values()] == [False, True]
    assert {(each.failed_count, each.evaluated_count) for each in found.values()} == {(5, 10)}


def test_open_violations_are_counted_per_member(marts: Company) -> None:
    thresholds(
        marts, {"metric": "open_violations", "fields": "next_step", "scope": "rep", "maximum": "1"}
    )
    week = timedelta(weeks=1)
    violations(
        marts,
        {"record_id": "o1", "rep_id_current": "r1", "first_seen_date": TODAY},
        {"record_id": "o2", "rep_id_current": "r1", "first_seen_date": TODAY - week},
        {"record_id": "o4", "rep_id_current": "unassigned", "first_seen_date": TODAY},
    )
    fills(
        marts,
        [
            ("r1", "proposal", 2, 1, TODAY - 2 * week),
            ("r1", "proposal", 2, 1, TODAY - week),
            ("r1", "proposal", 5, 3, TODAY),
            ("unassigned", "proposal", 1, 0, TODAY),
        ],
    )
    fills(marts, [("r2", "proposal", 1, 0, TODAY)], field="x")
    found = seen(marts, "open_violations")
    counts = {key.removeprefix("t1/"): (o.is_bad, o.failed_count) for key, o in found.items()}
    assert counts == {
        "rep:r1": (True, 2),
        "rep:r2": (False, 0),
        "rep:r3": (False, 0),
        "rep:r4": (False, 0),
        "rep:unassigned": (False, 1),
    }
    assert found["t1/rep:r1"].trend == (0, 0, 0, 0, 0, 1, 1, 2)
    assert found["t1/rep:r1"].since == TODAY - week
    assert found["t1/rep:r1"].record_ids == ("o1", "o2")


def test_a_team_answers_for_the_days_on_which_a_rep_was_of_it(marts: Company) -> None:
    """r1 was of South until a week ago and is of North since: neither takes the other's past."""
    violated = FILL_RATE | {"metric": "open_violations", "minimum": "", "maximum": "5"}
    thresholds(marts, FILL_RATE, violated)
    week = timedelta(weeks=1)
    fills(marts, [("r1", "proposal", 10, 8, TODAY - week)], teams={"r1": "South"})
    fills(marts, [("r1", "proposal", 10, 4, TODAY)])
    violations(
        marts,
        *({"record_id": f"o{n}", "rep_id_current": "r1", "stage_id": "proposal"}
          | {"first_seen_date": TODAY} for n in range(6)),
    )  # fmt: skip
    rates = seen(marts, "fill_rate")
    assert [rates[f"t1/team:{name}"].trend for name in ("North", "South")] == [
        (None, None, None, None, None, None, None, 0.4),
        (None, None, None, None, None, None, 0.8, None),
    ]
    counts = seen(marts, "open_violations")
    assert counts["t2/team:North"].trend == (0, 0, 0, 0, 0, 0, 0, 6)
    assert counts["t2/team:South"].trend == (0, 0, 0, 0, 0, 0, 2, 0)
    assert counts["t2/team:North"].record_ids == ("o0", "o1", "o2", "o3", "o4")
    with duckdb.connect(str(marts.warehouse), read_only=True) as con:
        assert len(con.execute(counts["t2/team:North"].rows_query).fetchall()) == 6
        assert con.execute(counts["t2/team:South"].rows_query).fetchall() == []


def test_every_rule_of_the_desk_is_observed(marts: Company) -> None:
    fills(marts, [("r1", "won", 7, 5, TODAY), ("r2", "won", 3, 3, TODAY)])
    since = date(2025, 11, 15)
    violations(
        marts,
        {"record_id": "o2", "first_seen_date": since, "amount_at_risk": Decimal("10.5")},
        {"record_id": "o1", "first_seen_date": TODAY, "amount_at_risk": 2},
        {"record_id": "o3", "first_seen_date": since, "resolved_date": date(2025, 12, 25)},
    )
    found = {key.partition("/")[0]: o for key, o in seen(marts, "mandatory_fields").items()}
    assert list(found) == ["amount", "step", "close_date", "competitor", "email"]
    step = found["step"]
    assert (step.is_bad, step.failed_count, step.evaluated_count) == (True, 2, 10)
    assert (step.since, step.money_at_risk) == (since, Decimal("12.50"))
    assert (step.record_ids, step.owner, step.severity) == (("o1", "o2"), "sales_ops", "warn")
    assert step.trend == (0, 2, 2, 2, 2, 2, 2, 2)
    assert found["amount"].is_bad is False
    assert (
        seen(marts, "mandatory_fields", since - timedelta(days=1))["step/company"].is_bad is False
    )


def test_a_rule_for_a_record_type_that_is_not_there_is_bad_and_not_kept(marts: Company) -> None:
    """One type came, one is a slip of the pen; of invoices none came, so nobody can tell."""
    marts.add(
        "intermediate.int_opportunities_conformed",
        [{"opportunity_id": "o1", "record_type": "volume"}],
    )
    step = {"rule_id": "step", "field": "next_step", "severity": "error"}
    marts.rule(
        step | {"record_types": "volume"},
        step | {"rule_id": "typo", "field": "competitor", "record_types": "volume|volumes"},
        step | {"rule_id": "due", "entity": "invoices", "field": "due_date", "record_types": "x"},
    )
    place = "mandatory_fields.csv, line 3, column record_types"
    told = f"'volumes' is no record type that was ever delivered ({place})"
    found = seen(marts, "mandatory_fields")
    assert {key: each.is_bad for key, each in found.items()} == {
        "step/company": False, "typo/company": True, "due/company": False
    }  # fmt: skip
    assert found["typo/company"].severity == "warn"
    assert found["typo/company"].title.endswith(f"are empty or invalid. {told}.")
    assert rules_for_nothing(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date) == [
        told
    ]
    violations(marts, {"rule_id": "typo", "record_id": "o1", "first_seen_date": TODAY})
    assert seen(marts, "mandatory_fields")["typo/company"].severity == "error"


def test_a_rule_for_a_record_type_that_is_there_no_more_or_not_yet_is_no_slip(
    marts: Company,
) -> None:
    """A type is retired, and the rules for it end or stay; the rule for another begins tomorrow."""
    marts.add(
        "intermediate.int_opportunities_conformed",
        [{"opportunity_id": "o1", "record_type": "volume"}],
    )
    marts.add("intermediate.int_activities_conformed", [{"activity_type": "call"}])
    marts.run(
        "alter table intermediate.int_opportunities_versioned add column record_type varchar;"
        "alter table intermediate.int_record_values_loaded add column record_type varchar;"
        "insert into intermediate.int_opportunities_versioned (opportunity_id, record_type)"
        " values ('o1', 'tender'), ('o1', 'volume');"
        "insert into intermediate.int_record_values_loaded (entity, record_id, record_type)"
        " values ('activities', 'a1', 'fax'), ('activities', 'a1', 'call')"
    )
    step = {"rule_id": "step", "field": "next_step", "record_types": "tender|volume"}
    fax = {"entity": "activities", "field": "minutes", "record_types": "fax"}
    marts.rule(
        step,
        step | {"rule_id": "over", "record_types": "auction", "until": "2025-12-30"},
        step | {"rule_id": "next", "record_types": "auction", "since": "2026-01-01"},
        fax | {"rule_id": "fax"},
        fax | {"rule_id": "last_day", "record_types": "tender", "until": "2025-12-31"},
    )
    place = "mandatory_fields.csv, line 6, column record_types"
    told = f"'tender' is no record type that was ever delivered ({place})"
    found = seen(marts, "mandatory_fields")
    assert [key for key, each in found.items() if each.is_bad] == ["last_day/company"]
    assert rules_for_nothing(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date) == [
        told
    ]


def test_shares_are_known_for_today_alone(marts: Company) -> None:
    thresholds(
        marts,
        {"metric": "stale_share", "entity": "contacts", "maximum": "0.5", "scope": "team"},
        {"metric": "duplicate_share", "entity": "accounts", "maximum": "0.3"},
    )
    marts.run(
        "insert into marts.fct_contact_statuses values ('c1', 'r1', true), ('c2', 'r2', true),"
        " ('c3', 'r2', false), ('c4', 'r3', true), ('c5', 'r3', false);"
        "insert into marts.dim_accounts values ('a1', 'r1'), ('a2', 'r1'), ('a3', 'r3');"
        "insert into marts.fct_duplicate_candidates values"
        " ('accounts', 'a2', 'a1'), ('accounts', 'a2', 'a3'), ('contacts', 'a1', 'c1')"
    )
    stale = seen(marts, "stale_share")
    assert {key: (o.is_bad, o.failed_count, o.evaluated_count) for key, o in stale.items()} == {
        "t1/team:North": (True, 2, 3),
        "t1/team:South": (False, 1, 2),
    }
    double = seen(marts, "duplicate_share")["t2/company"]
    assert (double.is_bad, double.failed_count, double.evaluated_count) == (True, 1, 3)
    assert double.record_ids == ("a2",)
    assert seen(marts, "stale_share", TODAY - timedelta(days=1)) == {}


def test_deliveries_are_observed_as_they_were_on_the_day(marts: Company) -> None:
    thresholds(
        marts,
        {"metric": "volume", "entity": "crm.leads", "minimum": "0.5", "window_days": "7"},
        {"metric": "freshness", "entity": "crm.leads", "maximum": "24"},
        {"metric": "freshness", "entity": "crm.orders", "maximum": "24"},
    )
    newest = datetime.fromisoformat("2025-12-29 23:00:00")
    marts.add(
        "marts.fct_loads",
        [
            {
                "load_id": f"l{n}",
                "source_name": "crm",
                "table_name": "leads",
                "delivery_mode": mode,
                "delivered_rows": rows,
                "extracted_at": newest - timedelta(days=max(n, 0)),
                "status": status,
            }
            for n, rows, mode, status in [
                (0, 4, "full", "landed"),
                (1, 12, "full", "landed"),
                (2, 8, "full", "landed"),
                (3, 10, "full", "landed"),
                (4, 10, "full", "landed"),
                (-1, 1, "replay", "landed"),
                (-2, 10, "full", "refused"),
            ]
        ],
    )
    volume = seen(marts, "volume")["t1/company"]
    assert (volume.is_bad, volume.trend and volume.trend[-1]) == (True, 0.4)
    fresh = seen(marts, "freshness")
    assert fresh["t2/company"].is_bad is True
    assert fresh["t3/company"].is_bad is None
    before = date(2025, 12, 29)
    assert seen(marts, "volume", before)["t1/company"].is_bad is False
    assert seen(marts, "freshness", before)["t2/company"].is_bad is False


def test_a_table_of_an_enabled_source_that_never_came_is_not_fresh(marts: Company) -> None:
    awaited = {"metric": "freshness", "entity": "crm.orders", "maximum": "24"}
    thresholds(marts, awaited, awaited | {"entity": "erp.orders"})
    first = datetime.fromisoformat("2025-12-29 12:00:00")
    load = {
        "load_id": "l", "source_name": "crm", "table_name": "leads", "delivery_mode": "full",
        "extracted_at": first, "status": "landed",
    }  # fmt: skip
    # What was refused whole has not come.
    refused = {"table_name": "orders", "status": "refused", "load_id": "r"}
    marts.add("marts.fct_loads", [load, load | refused])

    def verdicts(day: date) -> list[bool | None]:
        observed = observe(
            marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date, day, sources=["crm"]
        )
        found = [each for each in observed if each.family == "freshness"]
        assert all(point is None for each in found for point in each.trend or ())
        return [each.is_bad for each in found]

    # Not before anything came, and never of a source that is not enabled.
    assert verdicts(date(2025, 12, 28)) == [None, None]
    assert verdicts(date(2025, 12, 29)) == [True, None]
    found = observe(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date, sources=["crm"])
    assert "crm.orders was never delivered, other tables were." in {each.title for each in found}


def test_a_waiver_that_ran_out_is_told_with_its_rule(marts: Company) -> None:
    usual = {"scope": "company", "reason": "x", "granted_by": "y"}
    marts.write(
        "waivers.csv",
        usual | {"waiver_id": "old", "rule_id": "step", "until": "2025-12-30"},
        usual | {"waiver_id": "new", "rule_id": "step", "until": "2025-12-31"},
        usual | {"waiver_id": "other", "rule_id": "email", "until": "2025-12-31"},
    )
    found = seen(marts, "waivers")
    bad = [key for key, each in found.items() if each.is_bad]
    assert bad == ["waivers.step/company"]
    assert found[bad[0]].title == "Waivers of the rule step ran out: old."
    assert not any(o.is_bad for o in seen(marts, "waivers", date(2025, 12, 30)).values())


def test_a_waiver_for_a_rep_or_team_that_is_not_there_is_told_with_its_place(
    marts: Company,
) -> None:
    """r9 has left and stands in old fills alone; of who was never delivered nothing is known."""
    fills(marts, [("r9", "proposal", 1, 1, date(2025, 1, 1))], teams={"r9": "West"})
    usual = {"rule_id": "step", "until": "2025-12-31", "reason": "x", "granted_by": "y"}
    marts.write(
        "waivers.csv",
        usual | {"waiver_id": "good_team", "scope": "team", "member": "South"},
        usual | {"waiver_id": "old_team", "scope": "team", "member": "West"},
        usual | {"waiver_id": "old_rep", "scope": "rep", "member": "r9"},
        usual | {"waiver_id": "no_team", "scope": "team", "member": "Suoth"},
        usual | {"waiver_id": "no_rep", "scope": "rep", "member": "North"},
        usual | {"waiver_id": "record", "scope": "record", "member": "North"},
        usual | {"waiver_id": "over", "scope": "rep", "member": "r8", "until": "2025-12-30"},
    )
    told = [
        "'Suoth' is no team that was ever delivered (waivers.csv, line 5, column member)",
        "'North' is no rep that was ever delivered (waivers.csv, line 6, column member)",
    ]
    step = seen(marts, "waivers")["waivers.step/company"]
    assert (step.is_bad, step.record_ids) == (True, ("over", "no_team", "no_rep"))
    assert step.title == (
        f"Waivers of the rule step ran out: over; waive nothing: {told[0]} and {told[1]}."
    )
    found = waivers_for_nobody(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date)
    assert found == told


def test_a_waiver_for_a_record_or_type_that_is_not_there_is_told(marts: Company) -> None:
    """Two deals are known, one deleted since; contacts were never delivered: nobody can tell."""
    marts.add(
        "intermediate.int_opportunities_conformed",
        [
            {"opportunity_id": "o1", "record_type": "volume"},
            {"opportunity_id": "o2", "record_type": "key_account", "is_deleted": True},
        ],
    )
    marts.run(
        "create table intermediate.int_invoices_conformed as"
        " select 'i1' as document_id, 'invoice' as document_kind"
    )
    marts.rule(
        {"rule_id": "step", "field": "next_step", "reason": "x"},
        {"rule_id": "email", "entity": "contacts", "field": "email", "reason": "x"},
        {"rule_id": "due", "entity": "invoices", "field": "due_date", "reason": "x"},
    )
    usual = {"rule_id": "step", "until": "2025-12-31", "reason": "x", "granted_by": "y"}
    kind = usual | {"rule_id": "due", "scope": "record_type"}
    marts.write(
        "waivers.csv",
        usual | {"waiver_id": "there", "scope": "record", "member": "o1"},
        usual | {"waiver_id": "gone", "scope": "record", "member": "o2"},
        usual | {"waiver_id": "no_deal", "scope": "record", "member": "o3"},
        usual | {"waiver_id": "a_type", "scope": "record_type", "member": "volume"},
        usual | {"waiver_id": "no_type", "scope": "record_type", "member": "volumes"},
        usual | {"waiver_id": "contact", "rule_id": "email", "scope": "record", "member": "c1"},
        kind | {"waiver_id": "none_came_yet", "member": "deposit"},
        kind | {"waiver_id": "typo", "member": "deposits"},
    )
    found = waivers_for_nobody(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date)
    assert found == [
        "'o3' is no record that was ever delivered (waivers.csv, line 4, column member)",
        "'volumes' is no record type that was ever delivered (waivers.csv, line 6, column member)",
        "'deposits' is no record type that was ever delivered (waivers.csv, line 9, column member)",
    ]


def test_custom_fields_that_drifted_are_told(marts: Company) -> None:
    marts.run(
        "insert into marts.dim_custom_fields values"
        " ('crm', 'accounts', 'size', 'registered', 'ops', null),"
        " ('crm', 'accounts', 'mood', 'unregistered', null, date '2025-12-24'),"
        " ('crm', 'leads', 'old', 'vanished', 'ops', null),"
        " ('crm', 'leads', 'next', 'awaited', 'ops', null)"
    )
    observed = observe(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date)
    found = {o.field: o for o in observed if o.family == "custom_fields"}
    assert {name: each.is_bad for name, each in found.items()} == {
        "size": False, "mood": True, "old": True, "next": False,
    }  # fmt: skip
    assert (found["mood"].since, found["mood"].owner) == (date(2025, 12, 24), "data_engineering")


KPI_MARTS = """
create table marts.metrics_catalogue (
    kpi_id varchar, label_en varchar, unit varchar, good_direction varchar,
    warn_at decimal(18, 6), alert_at decimal(18, 6), owner varchar
);
insert into marts.metrics_catalogue values
    ('win_rate', 'Win rate', 'share', 'up', 0.25, 0.20, 'sales'),
    ('no_show_rate', 'No-show rate', 'share', 'down', 0.20, 0.30, 'ops'),
    ('bias', 'Forecast bias', 'ratio', 'zero', null, 0.10, 'sales'),
    ('days', 'Days', 'days', 'down', 30, null, 'ops'),
    ('won', 'Won', 'money', 'up', null, null, 'sales');
create table marts.kpi_values (
    kpi_id varchar, period_grain varchar, level varchar, member varchar, value double, n bigint,
    period_start_date date, period_end_date date
);
"""


def kpi_months(company: Company, kpi_id: str, *values: float | None) -> None:
    """The company's figures of the last months, the last one December."""
    first = 13 - len(values)
    for month, value in enumerate(values, first):
        company.add(
            "marts.kpi_values",
            [
                {
                    "kpi_id": kpi_id,
                    "period_grain": "month",
                    "level": "company",
                    "member": "all",
                    "value": value,
                    "n": 100,
                    "period_start_date": date(2025, month, 1),
                    "period_end_date": date(2025, month, 28),
                }
            ],
        )


def test_a_kpi_at_its_limit_is_told_by_the_last_month_that_is_over(marts: Company) -> None:
    marts.run(KPI_MARTS)
    kpi_months(marts, "win_rate", 0.30, 0.25, 0.20)
    kpi_months(marts, "no_show_rate", 0.40, 0.19)
    kpi_months(marts, "bias", -0.05, -0.12)
    kpi_months(marts, "days", 31.5, None)
    marts.add(
        "marts.kpi_values",
        [
            # A rep's figure, a week's and that of the running month are not the company's month.
            {"kpi_id": "no_show_rate", "period_grain": grain, "level": level, "value": 0.9, "n": 9,
             "period_start_date": date(2025, 12, 1), "period_end_date": end}
            for grain, level, end in [
                ("month", "rep", TODAY), ("week", "company", TODAY),
                ("month", "company", TODAY + timedelta(days=1)),
            ]
        ],
    )  # fmt: skip
    found = {each.rule: each for each in seen(marts, "kpi").values()}
    assert {name: (each.is_bad, each.severity) for name, each in found.items()} == {
        "win_rate": (True, "error"), "no_show_rate": (False, "warn"),
        "bias": (True, "error"), "days": (None, "warn"),
    }  # fmt: skip
    rate = found["win_rate"]
    assert rate.title == "Win rate was 20 % in 2025-12; 20 % is the limit."
    assert (rate.since, rate.trend, rate.owner) == (date(2025, 12, 1), (0.30, 0.25, 0.20), "sales")
    assert found["bias"].title == "Forecast bias was -12 % in 2025-12; ±10 % is the limit."
    # In November only the warning was reached.
    before = seen(marts, "kpi", date(2025, 11, 30))
    assert before["win_rate/company"].severity == "warn"
    assert before["win_rate/company"].since == date(2025, 11, 1)
    assert before["days/company"].title == "Days was 31.5 in 2025-11; 30 is the limit."


def test_a_kpi_is_bad_since_its_true_beginning_however_long_ago(marts: Company) -> None:
    marts.run(KPI_MARTS)
    kpi_months(marts, "win_rate", 0.30, *[0.20] * 10)
    rate = seen(marts, "kpi")["win_rate/company"]
    assert rate.since == date(2025, 3, 1)
    assert rate.trend == (0.20,) * 8
    # A figure is judged, not the cases behind it.
    assert (rate.failed_count, rate.evaluated_count) == (0, 0)


DRIFTS = """
create table marts.fct_drift_events (
    load_id varchar, source_name varchar, table_name varchar, column_name varchar,
    drift_kind varchar, detail varchar, extracted_date date, extracted_at timestamp
);
insert into marts.fct_loads
    (load_id, source_name, table_name, contract_version, extracted_at)
values
    ('d1', 'crm', 'deals', 'a', '2025-12-28 06:00'),
    ('d2', 'crm', 'deals', 'a', '2025-12-29 06:00'),
    ('d3', 'crm', 'deals', 'a', '2025-12-30 06:00'),
    ('l1', 'crm', 'leads', 'a', '2025-12-24 06:00'),
    ('l2', 'crm', 'leads', 'b', '2025-12-30 06:00'),
    ('y1', 'x', 'y', 'a', '2025-12-29 06:00');
insert into marts.fct_loads
    (load_id, source_name, table_name, contract_version, extracted_at, status)
values
    ('r1', 'crm', 'deals', 'b', '2025-12-30 07:00', 'refused'),
    ('r2', 'crm', 'orders', 'b', '2025-12-30 07:00', 'refused');
insert into marts.fct_drift_events values
    ('l1', 'crm', 'leads', 'status', 'retyped_column', 'x', '2025-12-24', '2025-12-24 06:00'),
    ('d1', 'crm', 'deals', 'stage', 'new_value', 'new', '2025-12-28', '2025-12-28 06:00'),
    ('d2', 'crm', 'deals', 'stage', 'new_value', 'won', '2025-12-29', '2025-12-29 06:00'),
    ('d2', 'crm', 'deals', 'stage', 'new_value', 'lost', '2025-12-29', '2025-12-29 06:00'),
    ('d3', 'crm', 'deals', 'chance', 'changed_scale', '', '2025-12-30', '2025-12-30 06:00'),
    ('y1', 'x', 'y', 'mood', 'new_column', '', '2025-12-29', '2025-12-29 06:00');
"""


def january(day: int) -> datetime:
    return datetime.fromisoformat(f"2026-01-{day:02}")


def drifts(company: Company) -> dict[str, Observation]:
    observed = observe(company.warehouse, company.desk, company.as_of_at, company.as_of_date)
    return {f"{o.entity}.{o.field}": o for o in observed if o.family == "drift"}


def test_a_drift_is_told_after_later_loads_too_until_the_declaration_changes(
    marts: Company,
) -> None:
    marts.run(DRIFTS)
    told = drifts(marts)
    assert {name: (each.is_bad, each.failed_count) for name, each in told.items()} == {
        "crm.deals.stage": (True, 2), "crm.deals.chance": (True, 1),
        "crm.leads.": (False, 0), "x.y.": (False, 0),
    }  # fmt: skip
    stage = told["crm.deals.stage"]
    assert stage.title == "crm.deals.stage drifted with the load of 2025-12-29: new value."
    assert stage.since == date(2025, 12, 29)
    assert stage.happened_at == datetime.fromisoformat("2025-12-29 06:00")
    with duckdb.connect(str(marts.warehouse), read_only=True) as con:
        assert len(con.execute(stage.rows_query).fetchall()) == 3


def test_a_drift_opens_at_once_and_stays_through_daily_loads(
    marts: Company, tmp_path: Path
) -> None:
    """Warnings of the demo's desk open after two bad evaluations; a drift comes with one load."""
    marts.run(DRIFTS)
    policy = read_policy(COMPANIES / "demo/desk", "Demo company", "UTC")
    found = "drift", "crm.deals", "stage"
    with open_book(tmp_path / "book.sqlite") as book:

        def evaluated(day: int) -> str:
            evaluate(
                book,
                drifts(marts).values(),
                as_of=january(day),
                now=january(day),
                policy=policy,
                desk_rules=desk_rules(marts.desk),
            )
            return {
                (a.seen.family, a.seen.entity, a.seen.field): a.life.state
                for a in all_alerts(book).values()
            }[found]

        assert [evaluated(day) for day in (1, 2, 3)] == ["open"] * 3
        (alert,) = [a for a in all_alerts(book).values() if a.seen.field == "stage"]
        resolve(book, alert.fingerprint, Person("ada", january(3)), "Demo company")
        assert [evaluated(day) for day in (4, 5)] == ["resolved"] * 2
        marts.run(
            "insert into marts.fct_loads (load_id, source_name, table_name, contract_version,"
            " extracted_at) values ('d4', 'crm', 'deals', 'a', '2026-01-06 06:00');"
            "insert into marts.fct_drift_events values"
            " ('d4', 'crm', 'deals', 'stage', 'new_value', 'y', '2026-01-06', '2026-01-06 06:00')"
        )
        assert evaluated(7) == "open"
        marts.run("update marts.fct_loads set contract_version = 'b' where load_id = 'd4'")
        marts.run("delete from marts.fct_drift_events where load_id = 'd4'")
        assert evaluated(8) == "resolved"


def test_the_desks_rules_are_named_by_family(marts: Company) -> None:
    rules = desk_rules(marts.desk)
    assert "step" in rules["mandatory_fields"]
    assert all(isinstance(names, set) for names in rules.values())
    assert set(rules) == {"mandatory_fields", "waivers", "custom_fields", "drift", "kpi", *METRICS}
    assert "waivers.step" in rules["waivers"]


def test_checks_are_told_by_their_own_families(marts: Company) -> None:
    marts.run(
        "create table marts.fct_check_results (check_result_id varchar, check_name varchar,"
        " rule_family varchar, rule varchar, schema_name varchar, table_name varchar,"
        " field varchar, severity varchar, status varchar, record_ids varchar,"
        " description varchar, evaluated_count bigint, failed_count bigint);"
        "insert into marts.fct_check_results values"
        " ('1', 'keys__a', 'keys', 'unique', 's', 'a', 'id', 'error', 'failed', 'x,y', 'D.', 9, 2),"
        " ('2', 'keys__b', 'keys', 'unique', 's', 'b', 'id', 'error', 'passed', '', 'D.', 9, 0),"
        " ('3', 'reconciliation__c', 'reconciliation', '', 's', 'c', '', 'error',"
        "  'not_evaluated', '', 'There is no table.', 0, 0),"
        " ('4', 'mandatory_fields__d', 'mandatory_fields', 'r', 's', 'd', 'f', 'warn', 'warned',"
        "  'z', 'D.', 9, 1)"
    )
    observed = observe(marts.warehouse, marts.desk, marts.as_of_at, marts.as_of_date)
    found = {o.rule: o for o in observed if o.family in {"keys", "reconciliation"}}
    assert {rule: each.is_bad for rule, each in found.items()} == {
        "keys__a.unique": True, "keys__b.unique": False, "reconciliation__c": None,
    }  # fmt: skip
    assert found["keys__a.unique"].record_ids == ("x", "y")
    assert found["keys__a.unique"].entity == "a"
    assert seen(marts, "keys", TODAY - timedelta(days=1)) == {}


def test_marts_that_are_not_there_are_not_observed(company: Company) -> None:
    company.run("drop schema marts cascade")
    thresholds(company, FILL_RATE, {"metric": "open_violations", "maximum": "1"})
    observed = observe(company.warehouse, company.desk, company.as_of_at, company.as_of_date)
    assert {each.family for each in observed} == {"waivers"}
