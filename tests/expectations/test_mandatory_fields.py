"""Mandatory fields: which records owe a field, from when, and what counts as empty."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hand_made import RULES, Company, findings

from expectations.errors import ExpectationsError

CONTACTS = "intermediate.int_contacts_conformed"
ACTIVITIES = "intermediate.int_activities_conformed"
LOADED = "intermediate.int_record_values_loaded"
CHECK = "mandatory_fields__opportunities"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def deal(opportunity_id: str, stage_id: str | None, **fields: object) -> dict[str, object]:
    """A deal with every mandatory field filled, but for what is said."""
    filled: dict[str, object] = {
        "opportunity_id": opportunity_id,
        "stage_id": stage_id,
        "amount_doc": Decimal("100.00"),
        "next_step": "call back",
        "expected_close_date": date(2026, 3, 1),
        "is_deleted": False,
        "is_vanished": False,
        "created_at": at("2025-06-01 08:00:00"),
    }
    return filled | fields


def owing(company: Company, rule: Mapping[str, str], *deals: dict[str, object]) -> object:
    """Judge one rule on next_step over deals: evaluated, failed, ids."""
    company.rule({"field": "next_step"} | dict(rule))
    company.add_deals(*deals)
    return findings(company.judge_one(CHECK))["next_step/the_rule"]


def test_a_field_is_due_from_its_stage_on_won_deals_included(company: Company) -> None:
    stages = ["qualification", "proposal", "won", "lost", "unheard of", None]
    company.add_deals(*(deal(f"o{n}", stage, next_step=None) for n, stage in enumerate(stages, 1)))
    found = findings(company.judge_one(CHECK))
    # amount_doc is due from the first stage; the deals on no known stage owe nothing by stage, nor
    # does one of which nothing is known but that it was lost.
    assert found["amount_doc/amount"] == (3, 0, ())
    assert found["next_step/step"] == (2, 2, ("o2", "o3"))
    # Due without a stage: due for all six.
    assert found["expected_close_date/close_date"] == (6, 0, ())


def test_a_field_stays_due_after_the_deal_went_back(company: Company) -> None:
    company.add_deals(
        *(deal(name, "qualification", next_step=None) for name in ("o1", "o2")),
        log=[
            ("o1", "qualification", at("2025-06-01 08:00:00")),
            ("o1", "proposal", at("2025-06-02 08:00:00")),
            ("o1", "qualification", at("2025-06-03 08:00:00")),
            ("o2", "qualification", at("2025-06-01 08:00:00")),
        ],
    )
    assert findings(company.judge_one(CHECK))["next_step/step"] == (1, 1, ("o1",))


def test_a_lost_deal_owes_what_it_owed_before_it_was_lost_and_what_is_asked_of_the_lost(
    company: Company,
) -> None:
    lost = [("qualification", "2025-06-01"), ("lost", "2025-06-03")]
    late = [("proposal", "2025-06-01"), ("lost", "2025-06-03")]
    company.rule(
        {"field": "next_step", "required_from": "proposal"},
        {"rule_id": "on_losing", "field": "competitor", "required_from": "lost"},
    )
    company.add_deals(
        *(deal(name, "lost", next_step=None, competitor=None) for name in ("o1", "o2")),
        log=[
            *(("o1", stage, at(f"{day} 08:00:00")) for stage, day in lost),
            *(("o2", stage, at(f"{day} 08:00:00")) for stage, day in late),
        ],
    )
    found = findings(company.judge_one(CHECK))
    assert found["next_step/the_rule"] == (1, 1, ("o2",))
    assert found["competitor/on_losing"] == (2, 2, ("o1", "o2"))


def test_grace_runs_from_the_first_time_in_the_stage(company: Company) -> None:
    """Seven times 24 hours, and due once they have passed before the as-of instant."""
    deals = [deal(name, "proposal", next_step=None) for name in ("o1", "o2", "o3")]
    company.rule({"field": "next_step", "required_from": "proposal", "grace_days": "7"})
    company.add_deals(
        *deals,
        log=[
            ("o1", "proposal", at("2025-12-24 22:59:59")),
            ("o2", "proposal", at("2025-12-24 23:00:00")),
            # Long there already when it came back lately.
            ("o3", "proposal", at("2025-12-01 08:00:00")),
            ("o3", "qualification", at("2025-12-02 08:00:00")),
            ("o3", "proposal", at("2025-12-30 08:00:00")),
        ],
    )
    assert findings(company.judge_one(CHECK))["next_step/the_rule"] == (2, 2, ("o1", "o3"))


def test_a_field_is_due_only_while_in_the_stages_it_is_required_in(company: Company) -> None:
    names = ["o1", "o2", "o3", "o4", "o5"]
    company.rule({"field": "next_step", "required_in": "proposal|won", "grace_days": "7"})
    company.add_deals(
        *(deal(name, "proposal", next_step=None) for name in names),
        log=[
            # Since November in one spell, though the stage changed lately.
            ("o1", "proposal", at("2025-11-01 08:00:00")),
            ("o1", "won", at("2025-12-30 08:00:00")),
            # Left and came back lately: the grace begins again.
            ("o2", "proposal", at("2025-11-01 08:00:00")),
            ("o2", "lost", at("2025-12-01 08:00:00")),
            ("o2", "proposal", at("2025-12-30 08:00:00")),
            # Not in it any more, never in it, and in no stage between.
            ("o3", "proposal", at("2025-11-01 08:00:00")),
            ("o3", "lost", at("2025-12-01 08:00:00")),
            ("o4", "qualification", at("2025-11-01 08:00:00")),
            ("o5", "proposal", at("2025-11-01 08:00:00")),
            ("o5", None, at("2025-12-01 08:00:00")),
            ("o5", "won", at("2025-12-02 08:00:00")),
        ],
    )
    assert findings(company.judge_one(CHECK))["next_step/the_rule"] == (2, 2, ("o1", "o5"))


def test_a_rule_may_bind_one_record_type(company: Company) -> None:
    types = ["new", "renewal", "New", None]
    deals = [deal(f"o{n}", "won", next_step=None, record_type=t) for n, t in enumerate(types, 1)]
    assert owing(company, {"record_types": "new|upsell"}, *deals) == (1, 1, ("o1",))


def test_a_record_known_by_its_loads_has_its_grace_from_its_birth(company: Company) -> None:
    company.rule(
        {
            "entity": "activities",
            "field": "activity_status",
            "record_types": "meeting",
            "grace_days": "21",
        }
    )
    births = {"a1": "2025-12-10 22:59:59", "a2": "2025-12-10 23:00:00", "a3": "2025-01-01 08:00:00"}
    company.add(
        LOADED,
        [
            {"entity": "activities", "record_id": name, "born_at": at(born)}
            for name, born in births.items()
            for _ in range(2)
        ],
    )
    company.add(LOADED, [{"entity": "leads", "record_id": "a2", "born_at": at("2025-01-01")}])
    types = {"a1": "meeting", "a2": "meeting", "a3": "call"}
    company.add(
        ACTIVITIES, [{"activity_id": name, "activity_type": each} for name, each in types.items()]
    )
    found = findings(company.judge_one("mandatory_fields__activities"))
    assert found["activity_status/the_rule"] == (1, 1, ("a1",))


def test_a_deal_created_after_the_as_of_instant_owes_nothing(company: Company) -> None:
    instants = [company.as_of_at - timedelta(seconds=1), company.as_of_at]
    company.add_deals(
        *(
            deal(f"o{n}", "won", next_step=None, created_at=instant)
            for n, instant in enumerate(instants, 1)
        )
    )
    assert findings(company.judge_one(CHECK))["next_step/step"] == (1, 1, ("o1",))


def test_deleted_vanished_and_merged_deals_owe_nothing(company: Company) -> None:
    company.add_deals(
        deal("o1", "proposal", next_step=None),
        deal("o2", "proposal", next_step=None, is_deleted=True),
        deal("o3", "proposal", next_step=None, is_vanished=True),
        deal("o4", "proposal", next_step=None, merged_into_id="o1"),
        deal("o5", "proposal", next_step=None, is_deleted=None, is_vanished=None),
    )
    found = findings(company.judge_one(CHECK))
    assert found["next_step/step"] == (2, 2, ("o1", "o5"))


def judged_empty(company: Company, texts: list[str]) -> list[str]:
    """Those of the texts that count as empty."""
    company.add_deals(*(deal(str(n), "won", next_step=text) for n, text in enumerate(texts)))
    evaluated, _, record_ids = findings(company.judge_one(CHECK))["next_step/step"]
    assert evaluated == len(texts)
    return [texts[n] for n in sorted(map(int, record_ids))]


def test_a_blank_or_a_placeholder_is_empty(company: Company) -> None:
    blanks = ["", " ", "\t", "\u00a0", " \u200b ", "\r\n"]
    dashes = [
        "n/a",
        "N/A",
        " n/a\t",
        "\u00a0\tn/a",
        "-",
        "It's open",
        ":-(",
        "{x}",
        "{X} ",
        "100%s",
        "0",
        # The same number, written otherwise; the same text in full-width letters.
        "00",
        "-0",
        "\uff2e\uff0f\uff21",
    ]
    assert judged_empty(company, blanks + dashes) == blanks + dashes


def test_what_only_looks_like_a_placeholder_is_filled(company: Company) -> None:
    texts = ["n/a yet", "--", "00x", "0-0", "x", "its open", "\u00f1", "n / a", ":-)"]
    assert judged_empty(company, texts) == []


def test_placeholders_among_numbers_and_days_are_compared_as_such(company: Company) -> None:
    company.add_deals(
        deal("o1", "proposal", amount_doc=Decimal("0.00")),
        deal("o2", "proposal", amount_doc=Decimal("0.01")),
        deal("o3", "proposal", amount_doc=None),
        deal("o4", "proposal", expected_close_date=date(1900, 1, 1)),
        deal("o5", "proposal", expected_close_date=date(1900, 1, 2)),
    )
    found = findings(company.judge_one(CHECK))
    assert found["amount_doc/amount"] == (5, 2, ("o1", "o3"))
    assert found["expected_close_date/close_date"] == (5, 1, ("o4",))


def test_a_rule_holds_from_its_first_day(company: Company) -> None:
    """expected_close_date is ruled since the as-of day itself, competitor since the day after."""
    company.add_deals(deal("o1", "won", competitor=None, expected_close_date=None))
    found = findings(company.judge_one(CHECK))
    assert found["expected_close_date/close_date"] == (1, 1, ("o1",))
    assert "competitor/competitor" not in found


def test_missing_fields_warn_and_never_block(company: Company) -> None:
    company.add_deals(deal("o1", "proposal", amount_doc=None, next_step=None))
    verdict = company.judge_one(CHECK)
    assert (verdict.status, verdict.stops_publication) == ("warned", False)
    assert (verdict.evaluated_count, verdict.failed_count) == (3, 2)
    assert verdict.record_ids == ("o1",)
    assert {finding.field: finding.severity for finding in verdict.findings} == {
        "amount_doc": "error",
        "next_step": "warn",
        "expected_close_date": "warn",
    }


def test_the_first_twenty_records_are_named(company: Company) -> None:
    company.add_deals(*(deal(f"o{n:03}", "won", next_step="-") for n in range(30, 0, -1)))
    evaluated, failed, record_ids = findings(company.judge_one(CHECK))["next_step/step"]
    assert (evaluated, failed) == (30, 30)
    assert record_ids == tuple(f"o{n:03}" for n in range(1, 21))


def test_no_value_leaves_the_warehouse(company: Company) -> None:
    company.add(CONTACTS, [{"contact_id": "c1", "email": "jane@example.com"}])
    company.add(CONTACTS, [{"contact_id": "c2", "email": " N/A "}])
    verdict = company.judge_one("mandatory_fields__contacts")
    assert findings(verdict)["email/email"] == (2, 1, ("c2",))
    assert "jane" not in repr(verdict)
    assert "N/A" not in repr(verdict)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"field": "next_stop"}, "did you mean 'next_step'"),
        ({"field": "next_step", "required_from": "nego"}, "'nego' is no stage of stages.csv"),
        ({"entity": "contacs", "field": "email"}, "did you mean 'contacts'"),
    ],
)
def test_a_desk_line_that_does_not_fit_the_tables_is_named(
    company: Company, rule: Mapping[str, str], message: str
) -> None:
    company.rule(RULES[0], rule)
    with pytest.raises(ExpectationsError, match=message) as error:
        company.judge()
    assert "mandatory_fields.csv, line 3" in str(error.value)
