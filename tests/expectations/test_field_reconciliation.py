"""The open violations of the mart held against those that the rules find in the records."""

from datetime import datetime

import pytest
from hand_made import Company

CHECK = "reconciliation__field_violations"
MART = "marts.fct_field_violations"
CREATED = datetime.fromisoformat("2025-06-01 08:00:00")


@pytest.fixture
def judged(company: Company) -> Company:
    """Thirty deals and two contacts without what they owe, and the mart that knows them all."""
    deals = [
        {"opportunity_id": f"o{n:02}", "stage_id": "proposal", "created_at": CREATED}
        for n in range(30)
    ]
    company.add_deals(*deals)
    company.add("intermediate.int_contacts_conformed", [{"contact_id": n} for n in ("c1", "c2")])
    rules = ("amount", "step", "close_date")
    rows = [(rule, deal["opportunity_id"]) for rule in rules for deal in deals]
    rows += [("email", "c1"), ("email", "c2")]
    company.add(
        MART, [{"rule_id": rule, "record_id": name, "is_open": True} for rule, name in rows]
    )
    company.add(MART, [{"rule_id": "step", "record_id": "o99", "is_open": False}])
    return company


def test_the_same_violations_pass(judged: Company) -> None:
    verdict = judged.judge_one(CHECK)
    assert (verdict.status, verdict.evaluated_count, verdict.failed_count) == ("passed", 92, 0)


@pytest.mark.parametrize(
    ("spoil", "record_id"),
    [
        (f"delete from {MART} where rule_id = 'step' and record_id = 'o29'", "step/o29"),
        (f"update {MART} set is_open = true where record_id = 'o99'", "step/o99"),
        (f"insert into {MART} values ('email', 'c1', true)", "email/c1"),
        (f"insert into {MART} values ('unheard_of', 'o1', true)", "unheard_of/o1"),
    ],
)
def test_a_violation_too_few_or_too_many_blocks(
    judged: Company, spoil: str, record_id: str
) -> None:
    judged.run(spoil)
    verdict = judged.judge_one(CHECK)
    assert (verdict.status, verdict.stops_publication) == ("failed", True)
    assert (verdict.failed_count, verdict.record_ids) == (1, (record_id,))


def test_a_swapped_record_is_seen_though_the_counts_agree(judged: Company) -> None:
    judged.run(f"update {MART} set record_id = 'o77' where rule_id = 'step' and record_id = 'o25'")
    verdict = judged.judge_one(CHECK)
    assert verdict.record_ids == ("step/o25", "step/o77")


def test_without_the_mart_nothing_is_evaluated(judged: Company) -> None:
    judged.run(f"drop table {MART}")
    verdict = judged.judge_one(CHECK)
    assert (verdict.status, verdict.reason) == ("not_evaluated", f"There is no table {MART}.")
