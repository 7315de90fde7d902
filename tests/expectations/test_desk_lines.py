"""Waivers, thresholds, custom fields, placeholders and stages: read as they are, or refused."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from desk_check import check, refused
from hand_made import Company

from expectations.desk.placeholders import read_placeholders
from expectations.desk.stages import read_stages


def test_placeholders_that_are_numbers_or_days_are_known_as_such(company: Company) -> None:
    found = read_placeholders(company.desk)
    assert (found.numbers, found.days) == ((Decimal(0),), (date(1900, 1, 1),))
    assert found.hold("0.00", "number") and found.hold("00", "text")
    assert not found.hold("0.01", "number") and not found.hold("none", "text")


def test_stages_have_their_positions_and_know_which_are_closed_and_lost(company: Company) -> None:
    stages = read_stages(company.desk).values()
    assert [(each.stage_id, each.position, each.is_closed, each.is_lost) for each in stages] == [
        ("qualification", 1, False, False),
        ("proposal", 2, False, False),
        ("won", 3, True, False),
        ("lost", 4, True, True),
    ]


WAIVER = {
    "waiver_id": "w",
    "rule_id": "step",
    "scope": "team",
    "member": "North",
    "until": "2025-12-31",
    "reason": "x",
    "granted_by": "y",
}


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"waiver_id": "W 1"}, "waiver_id", "is no key"),
        ({"rule_id": "stop"}, "rule_id", "no rule of mandatory_fields.csv (did you mean 'step'?)"),
        ({"scope": "planet"}, "scope", "'planet' is no scope"),
        ({"scope": "company"}, "member", "the scope is the company"),
        ({"member": ""}, "member", "is empty"),
        ({"until": ""}, "until", "a waiver must end"),
        ({"until": "soon"}, "until", "'soon' is no day"),
        ({"since": "2026-01-01"}, "until", "lies before since"),
        ({"reason": ""}, "reason", "is empty"),
        ({"granted_by": ""}, "granted_by", "is empty"),
        ({"rule_id": "email", "scope": "record_type"}, "scope", "they have no record types"),
    ],
)
def test_a_wrong_waiver_is_refused(
    company: Company, change: Mapping[str, str], column: str, what: str
) -> None:
    company.write("waivers.csv", WAIVER | dict(change))
    refused(company, what, f"{company.desk}/waivers.csv, line 2, column {column}")


def test_a_waiver_id_stands_once(company: Company) -> None:
    company.write("waivers.csv", WAIVER, WAIVER)
    refused(company, "'w' is there twice", "waivers.csv, line 3, column waiver_id")


def test_a_waiver_holds_on_both_its_days(company: Company) -> None:
    company.write("waivers.csv", WAIVER | {"since": "2025-12-30"})
    (waiver,) = check(company).waivers
    days = [date(2025, 12, 29), date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1)]
    assert [waiver.holds_on(day) for day in days] == [False, True, True, False]
    assert [waiver.ran_out_before(day) for day in days] == [False, False, False, True]


THRESHOLD = {
    "threshold_id": "t",
    "metric": "fill_rate",
    "entity": "opportunities",
    "fields": "next_step",
    "scope": "team",
    "stages": "open",
    "minimum": "0.75",
    "severity": "warn",
    "owner": "sales_ops",
}

VOLUME = THRESHOLD | {
    "metric": "volume",
    "entity": "crm.leads",
    "fields": "",
    "scope": "company",
    "stages": "",
    "window_days": "28",
}


@pytest.mark.parametrize(
    ("line", "column", "what"),
    [
        (THRESHOLD | {"threshold_id": ""}, "threshold_id", "is no key"),
        (THRESHOLD | {"metric": "fil_rate"}, "metric", "(did you mean 'fill_rate'?)"),
        (THRESHOLD | {"entity": "deals"}, "entity", "'deals' is no entity with this metric"),
        (THRESHOLD | {"fields": "next_stop"}, "fields", "no field of opportunities"),
        (THRESHOLD | {"scope": "record"}, "scope", "'record' is no scope"),
        (THRESHOLD | {"stages": "open|nego"}, "stages", "'nego', no stage"),
        (THRESHOLD | {"minimum": "75 %"}, "minimum", "'75 %' is no number"),
        (THRESHOLD | {"minimum": "75"}, "minimum", "'75' is no share"),
        (THRESHOLD | {"minimum": ""}, "minimum", "fill_rate has no limit"),
        (THRESHOLD | {"maximum": "0.9"}, "maximum", "is no limit of fill_rate"),
        (THRESHOLD | {"window_days": "7"}, "window_days", "cannot be asked of fill_rate"),
        (THRESHOLD | {"min_records": "few"}, "min_records", "'few' is no whole number"),
        (THRESHOLD | {"severity": ""}, "severity", "'' is no severity"),
        (THRESHOLD | {"owner": ""}, "owner", "is empty"),
        (VOLUME | {"entity": "leads"}, "entity", "names no delivered table"),
        (VOLUME | {"window_days": ""}, "window_days", "is empty or 0"),
        (VOLUME | {"fields": "email"}, "fields", "cannot be asked of volume"),
        (VOLUME | {"scope": "team"}, "scope", "cannot be asked of volume"),
        (VOLUME | {"minimum": "2", "maximum": "1"}, "maximum", "less than minimum"),
        (
            THRESHOLD | {"entity": "contacts", "fields": "email"},
            "stages",
            "only opportunities pass through stages",
        ),
        (
            THRESHOLD | {"metric": "stale_share", "fields": "", "stages": "", "minimum": ""},
            "entity",
            "no entity with this metric",
        ),
    ],
)
def test_a_wrong_threshold_is_refused(
    company: Company, line: Mapping[str, str], column: str, what: str
) -> None:
    company.write("thresholds.csv", line)
    refused(company, what, f"{company.desk}/thresholds.csv, line 2, column {column}")


@pytest.mark.parametrize("metric", ["fill_rate", "open_violations", "default_share"])
@pytest.mark.parametrize(
    ("place", "column", "what"),
    [
        # A field that there is, and a rule of it that there is not: fills would never tell of it.
        ({"fields": "next_step|discount"}, "fields", "'discount', which no rule of"),
        ({"entity": "activities", "fields": ""}, "entity", "'activities' has no rule in"),
    ],
)
def test_a_threshold_on_what_no_rule_asks_for_is_refused(
    company: Company, metric: str, place: Mapping[str, str], column: str, what: str
) -> None:
    limit = {"minimum": "0.5"} if metric == "fill_rate" else {"minimum": "", "maximum": "0.5"}
    line = THRESHOLD | {"metric": metric, "stages": ""} | limit | place
    company.write("thresholds.csv", line)
    refused(company, what, f"{company.desk}/thresholds.csv, line 2, column {column}")


def test_a_good_threshold_is_read(company: Company) -> None:
    company.write("thresholds.csv", THRESHOLD, VOLUME | {"threshold_id": "v"})
    rate, volume = check(company).thresholds
    assert (rate.minimum, rate.maximum, rate.stages) == (Decimal("0.75"), None, ("open",))
    assert (volume.is_delivery, volume.window_days) == (True, 28)


CUSTOM_FIELD = {
    "source_name": "crm",
    "table_name": "accounts",
    "column_name": "machine_park",
    "data_type": "bigint",
    "is_personal": "false",
    "owner": "sales_ops",
}


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"source_name": ""}, "source_name", "is empty"),
        ({"column_name": ""}, "column_name", "is empty"),
        ({"data_type": ""}, "data_type", "is empty"),
        ({"is_personal": "no"}, "is_personal", "'no' is no true or false"),
        ({"owner": ""}, "owner", "is empty"),
        ({"rename_of": "machine_park"}, "rename_of", "is the field itself"),
    ],
)
def test_a_wrong_custom_field_is_refused(
    company: Company, change: Mapping[str, str], column: str, what: str
) -> None:
    company.write("custom_fields.csv", CUSTOM_FIELD | dict(change))
    refused(company, what, f"{company.desk}/custom_fields.csv, line 2, column {column}")


def test_a_custom_field_is_registered_once(company: Company) -> None:
    company.write("custom_fields.csv", CUSTOM_FIELD, CUSTOM_FIELD)
    refused(company, "registered twice", "custom_fields.csv, line 3, column column_name")
