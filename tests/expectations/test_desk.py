"""The desk's files about data quality: read as they are, refused with what is wrong and where."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import DESK, Company

from expectations.desk.checking import QualityDesk, check_quality_desk
from expectations.desk.fitting import pattern_fault
from expectations.desk.mandatory_fields import ValueRules, read_mandatory_fields
from expectations.desk.placeholders import read_placeholders
from expectations.desk.stages import read_stages
from expectations.errors import ExpectationsError

COLUMNS = {
    "opportunities": {
        "opportunity_id": "varchar",
        "record_type": "varchar",
        "stage_id": "varchar",
        "next_step": "varchar",
        "competitor": "varchar",
        "amount_doc": "decimal(18,2)",
        "discount": "decimal(18,2)",
        "is_deleted": "boolean",
        "expected_close_date": "date",
        "created_at": "timestamp",
        "closed_at": "timestamp",
    },
    "contacts": {"contact_id": "varchar", "email": "varchar"},
    "activities": {"activity_id": "varchar", "activity_type": "varchar", "minutes": "bigint"},
    "campaigns": {"campaign_id": "varchar", "channel": "varchar"},
}


def check(company: Company) -> QualityDesk:
    return check_quality_desk(company.desk, COLUMNS)


def refused(company: Company, *parts: str) -> None:
    with pytest.raises(ExpectationsError) as error:
        check(company)
    told = str(error.value)
    assert [part for part in (*parts, "what to do: ") if part not in told] == [], told


def test_a_line_is_a_rule(company: Company) -> None:
    company.rule(
        {
            "rule_id": "step.2025",
            "field": "next_step",
            "record_types": "new|renewal",
            "required_in": "proposal | won",
            "since": "2025-01-01",
            "until": "2025-12-31",
            "grace_days": "7",
            "weight": "3",
            "min_length": "5",
            "pattern": "[a-z ]+",
            "allowed_values": "call back|send it",
            "comparison": "<>",
            "compared_with": "competitor",
        },
        {"rule_id": "amount", "field": "amount_doc", "min_value": "0.5", "max_value": "1000"},
        {"rule_id": "day", "field": "expected_close_date", "min_value": "2020-01-01"},
    )
    step, amount, day = check(company).rules
    assert step.required_in == ("proposal", "won")
    assert (step.record_types, step.grace_days, step.weight) == (("new", "renewal"), 7, 3)
    assert (step.since, step.until) == (date(2025, 1, 1), date(2025, 12, 31))
    assert step.values == ValueRules(
        min_length=5,
        allowed_values=("call back", "send it"),
        pattern="[a-z ]+",
        comparison="<>",
        compared_with="competitor",
    )
    assert amount.values == ValueRules(min_value=Decimal("0.5"), max_value=Decimal(1000))
    assert day.values == ValueRules(min_value=date(2020, 1, 1))


def test_a_rule_binds_from_its_first_to_its_last_day(company: Company) -> None:
    company.rule({"field": "next_step", "since": "2025-02-01", "until": "2025-02-03"})
    (rule,) = read_mandatory_fields(company.desk)
    days = [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 3), date(2025, 2, 4)]
    assert [rule.binds_on(day) for day in days] == [False, True, True, False]


def test_a_spreadsheet_may_have_saved_the_file(company: Company) -> None:
    """A byte order mark, Windows line ends, blanks around values, an empty last line."""
    path = company.desk / "placeholders.csv"
    path.write_bytes(b"\xef\xbb\xbfplaceholder,note\r\n N/A ,x\r\nTBD,\r\nn/a,again\r\n\r\n")
    assert read_placeholders(company.desk).texts == ("n/a", "tbd")


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


STEP = {"field": "next_step"}
AMOUNT = {"field": "amount_doc"}


@pytest.mark.parametrize(
    ("rule", "column", "what"),
    [
        ({"rule_id": "A step"}, "rule_id", "'A step' is no key"),
        ({"rule_id": ""}, "rule_id", "'' is no key"),
        ({"entity": "opportunitys"}, "entity", "did you mean 'opportunities'?"),
        ({"entity": "campaigns", "field": "channel"}, "entity", "'campaigns' is no entity"),
        ({"field": "next_stop"}, "field", "is no field of opportunities (did you mean 'next_step'"),
        ({"severity": "grave"}, "severity", "'grave' is no severity"),
        ({"accountable": "boss"}, "accountable", "'boss' is no accountable"),
        ({"owner": ""}, "owner", "is empty"),
        ({"weight": ""}, "weight", "is empty"),
        ({"weight": "1.5"}, "weight", "'1.5' is no whole number"),
        ({"weight": "-1"}, "weight", "'-1' is no whole number"),
        ({"weight": "0"}, "weight", "'0' would leave the field out of completeness"),
        ({"grace_days": "-3"}, "grace_days", "'-3' is no whole number"),
        ({"since": "31/12/2025"}, "since", "'31/12/2025' is no day"),
        ({"until": "2025-02-30"}, "until", "'2025-02-30' is no day"),
        ({"since": "2025-02-01", "until": "2025-01-31"}, "until", "lies before since"),
        ({"required_from": "nego"}, "required_from", "'nego' is no stage of stages.csv"),
        ({"required_in": "proposal|wonn"}, "required_in", "(did you mean 'won'?)"),
        ({"required_from": "won", "required_in": "lost"}, "required_in", "beside required_from"),
        ({"min_length": "five"}, "min_length", "'five' is no whole number"),
        ({"min_value": "3"}, "min_value", "neither number nor day"),
        ({"pattern": "[a-z"}, "pattern", "is no regular expression: missing ]"),
        ({"pattern": "(?P<x>a)"}, "pattern", "RE2 and Java do not both read"),
        ({"pattern": "[[:alpha:]]+"}, "pattern", "RE2 and Java do not both read"),
        ({"pattern": "a{x"}, "pattern", "RE2 and Java do not both read"),
        ({"pattern": "a{x}"}, "pattern", "RE2 and Java do not both read"),
        ({"comparison": "="}, "compared_with", "the other half of the comparison"),
        ({"compared_with": "competitor"}, "comparison", "the other half of the comparison"),
        ({"comparison": "==", "compared_with": "competitor"}, "comparison", "is no comparison"),
        ({"comparison": "=", "compared_with": "rival"}, "compared_with", "is no field of"),
        ({"comparison": "=", "compared_with": "next_step"}, "compared_with", "the field itself"),
        ({"comparison": "=", "compared_with": "amount_doc"}, "compared_with", "the kind number"),
        ({"comparison": "<", "compared_with": "competitor"}, "comparison", "a text has no order"),
        ({"allowed_values": "call|N/A"}, "allowed_values", "'N/A', which is a placeholder"),
        ({"allowed_values": "call|00"}, "allowed_values", "'00', which is a placeholder"),
        ({"allowed_values": "call|x", "min_length": "2"}, "allowed_values", "'x', which is short"),
        ({"allowed_values": "Call", "pattern": "[a-z]+"}, "allowed_values", "does not match"),
        ({**AMOUNT, "min_length": "2"}, "min_length", "amount_doc, which is no text"),
        ({**AMOUNT, "pattern": "x"}, "pattern", "amount_doc, which is no text"),
        ({**AMOUNT, "min_value": "low"}, "min_value", "'low' is no number and no day"),
        ({**AMOUNT, "min_value": "2025-01-01"}, "min_value", "is no number, as amount_doc needs"),
        ({**AMOUNT, "min_value": "9", "max_value": "8.5"}, "max_value", "less than min_value '9'"),
        ({**AMOUNT, "min_value": "9", "max_value": "2025-01-01"}, "max_value", "not of one kind"),
        ({**AMOUNT, "allowed_values": "5|ten"}, "allowed_values", "'ten', which is no number"),
        (
            {**AMOUNT, "allowed_values": "5|10", "max_value": "9"},
            "allowed_values",
            "'10', which is more than max_value",
        ),
        ({"field": "expected_close_date", "max_value": "7"}, "max_value", "is no day"),
        ({"field": "is_deleted", "allowed_values": "yes"}, "allowed_values", "true or false"),
        ({"field": "is_deleted", "min_value": "1"}, "min_value", "neither number nor day"),
    ],
)
def test_a_wrong_rule_is_refused(
    company: Company, rule: Mapping[str, str], column: str, what: str
) -> None:
    company.rule({"rule_id": "good", "field": "competitor"}, STEP | rule)
    refused(company, what, f"{company.desk}/mandatory_fields.csv, line 3, column {column}")


@pytest.mark.parametrize(
    ("rule", "column", "what"),
    [
        ({"required_from": "won"}, "required_from", "only opportunities pass through stages"),
        ({"required_in": "won"}, "required_in", "only opportunities pass through stages"),
        ({"record_types": "vip"}, "record_types", "they have no record types"),
    ],
)
def test_only_some_entities_have_stages_and_types(
    company: Company, rule: Mapping[str, str], column: str, what: str
) -> None:
    company.rule({"entity": "contacts", "field": "email"} | dict(rule))
    refused(company, what, f"mandatory_fields.csv, line 2, column {column}")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"required_from": "proposal"}, {"required_from": "won"}),
        ({"required_from": "proposal"}, {"required_in": "won"}),
        ({"required_in": "proposal|won"}, {"required_in": "won|lost"}),
        ({"record_types": "new|renewal"}, {"record_types": "renewal"}),
        ({"record_types": "new"}, {}),
        ({"until": "2025-06-30"}, {"since": "2025-06-30"}),
        ({"since": "2025-01-01", "until": "2025-12-31"}, {"since": "2025-03-01"}),
    ],
)
def test_two_rules_that_can_bind_together_contradict(
    company: Company, first: Mapping[str, str], second: Mapping[str, str]
) -> None:
    company.rule(
        {"rule_id": "one"} | STEP | first,
        {"rule_id": "other", "field": "competitor"},
        {"rule_id": "two"} | STEP | second,
    )
    refused(company, "'one' and 'two'", "mandatory_fields.csv, lines 2 and 4, column field")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"required_in": "proposal"}, {"required_in": "won|lost"}),
        ({"record_types": "new"}, {"record_types": "renewal"}),
        ({"until": "2025-06-30"}, {"since": "2025-07-01"}),
        ({}, {"field": "competitor"}),
    ],
)
def test_two_rules_that_never_meet_stand_side_by_side(
    company: Company, first: Mapping[str, str], second: Mapping[str, str]
) -> None:
    company.rule({"rule_id": "one"} | STEP | first, {"rule_id": "two"} | STEP | second)
    assert len(check(company).rules) == 2


@pytest.mark.parametrize(
    ("there", "back", "contradict"),
    [
        ("<", "<", True),
        ("<", "=", True),
        ("=", "<>", True),
        (">", ">=", True),
        ("<", ">", False),
        ("<=", "<=", False),
        ("<>", "<", False),
        ("=", "=", False),
    ],
)
def test_two_comparisons_that_no_record_can_meet_contradict(
    company: Company, there: str, back: str, contradict: bool
) -> None:
    company.rule(
        {"rule_id": "a", "field": "created_at", "comparison": there, "compared_with": "closed_at"},
        {"rule_id": "b", "field": "closed_at", "comparison": back, "compared_with": "created_at"},
    )
    if contradict:
        told = f"No record can meet both 'a' (created_at {there} closed_at) and 'b'"
        refused(company, told, "mandatory_fields.csv, lines 2 and 3, column comparison")
    else:
        check(company)


def test_a_rule_id_stands_once(company: Company) -> None:
    company.rule(STEP, {"field": "competitor"})
    refused(company, "'the_rule' is there twice, in line 2 as well", "line 3, column rule_id")


def test_days_and_instants_may_be_compared(company: Company) -> None:
    company.rule(
        {"field": "expected_close_date", "comparison": ">=", "compared_with": "created_at"}
    )
    assert check(company).rules[0].values.compared_with == "created_at"


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


@pytest.mark.parametrize("name", [*DESK, "mandatory_fields.csv"])
def test_a_missing_file_or_column_is_named(company: Company, name: str) -> None:
    (company.desk / name).write_text("something\n")
    refused(company, f"{company.desk}/{name}, line 1", "column")
    (company.desk / name).unlink()
    refused(company, f"The desk file {name} is missing.")


def test_a_column_too_many_and_a_torn_line_are_named(company: Company) -> None:
    path = company.desk / "waivers.csv"
    header = path.read_text().strip()
    path.write_text(header + ",remark\n")
    refused(company, "The column 'remark' is unknown", "waivers.csv, line 1")
    path.write_text(header + "\na,b,c\n")
    refused(company, "The line has 3 values, the header 8.", "waivers.csv, line 2")


def test_what_re2_reads_is_read(company: Company) -> None:
    for pattern in (
        "[^@\\s]+@[^@\\s]+\\.[^@\\s]+",
        "[A-Z]{2}",
        "(?:FR|DE)[0-9]{2,}",
        "\\{x\\}",
        "\\p{Lu}",
    ):
        assert pattern_fault(pattern) == ""
        company.rule(STEP | {"pattern": pattern})
        assert check(company).rules[0].values.pattern == pattern


def test_the_demo_desk_fits() -> None:
    project = Path(__file__).parents[2] / "dbt_project"
    desk = check_quality_desk(project / "companies/demo/desk", declared_columns(project))
    assert desk.rules


def declared_columns(project: Path) -> dict[str, dict[str, str]]:
    """The columns of the conformed models, as their text declares them."""
    import re

    return {
        path.stem.removeprefix("int_").removesuffix("_conformed"): dict(
            re.findall(r"^\s+'(\w+)': '([^']+)'", path.read_text(), re.MULTILINE)
        )
        for path in project.glob("models/intermediate/int_*_conformed.sql")
    }
