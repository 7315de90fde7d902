"""mandatory_fields.csv: a line is a rule; a wrong one is refused with what is wrong and where."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from desk_check import AMOUNT, STEP, check, refused
from hand_made import Company

from expectations.desk.fitting import pattern_fault
from expectations.desk.mandatory_fields import ValueRules, read_mandatory_fields


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


def test_a_rule_id_stands_once(company: Company) -> None:
    company.rule(STEP, {"field": "competitor"})
    refused(company, "'the_rule' is there twice, in line 2 as well", "line 3, column rule_id")


def test_days_and_instants_may_be_compared(company: Company) -> None:
    company.rule(
        {"field": "expected_close_date", "comparison": ">=", "compared_with": "created_at"}
    )
    assert check(company).rules[0].values.compared_with == "created_at"


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
