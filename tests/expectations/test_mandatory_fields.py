"""Mandatory fields: exact counts and ids on rows made by hand, then a thousand at random."""

import random
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hand_made import Company, findings

from expectations.errors import ExpectationsError

OPPORTUNITIES = "intermediate.int_opportunities_conformed"
CONTACTS = "intermediate.int_contacts_conformed"
CHECK = "mandatory_fields__opportunities"


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
        "created_at": datetime.fromisoformat("2025-06-01 08:00:00"),
    }
    return filled | fields


def test_a_field_is_due_from_its_stage_on_closed_stages_included(company: Company) -> None:
    stages = ["qualification", "proposal", "won", "lost", "unheard of", None]
    company.add(
        OPPORTUNITIES,
        [deal(f"o{n}", stage, next_step=None) for n, stage in enumerate(stages, 1)],
    )
    found = findings(company.judge_one(CHECK))
    # amount_doc is due from the first stage; the two deals on no known stage owe nothing by stage.
    assert found["amount_doc/filled"] == (4, 0, ())
    assert found["next_step/filled"] == (3, 3, ("o2", "o3", "o4"))
    # Due without a stage: due for all six.
    assert found["expected_close_date/filled"] == (6, 0, ())


def moved(opportunity_id: str, old: str | None, new: str | None, day: str) -> dict[str, object]:
    """One line of the change log, about the stage."""
    return {
        "opportunity_id": opportunity_id,
        "field": "stage_id",
        "old_value": old,
        "new_value": new,
        "changed_at": datetime.fromisoformat(f"{day} 22:59:59"),
    }


def test_a_field_stays_due_after_the_deal_went_back(company: Company) -> None:
    names = ["o1", "o2", "o3", "o4", "o5"]
    company.add(OPPORTUNITIES, [deal(name, "qualification", next_step=None) for name in names])
    company.add(
        "intermediate.int_opportunity_changes_conformed",
        [
            moved("o1", None, "qualification", "2025-06-01"),
            moved("o1", "qualification", "proposal", "2025-06-02"),
            moved("o1", "proposal", "qualification", "2025-06-03"),
            # The log begins late: where the deal came from is in its first old value.
            moved("o2", "proposal", "qualification", "2025-06-03"),
            # After the as-of instant: not known yet.
            moved("o3", "qualification", "proposal", "2026-01-01"),
            moved("o4", None, "qualification", "2025-06-01"),
            # Another field's value may look like a stage.
            moved("o5", "won", "proposal", "2025-06-01") | {"field": "next_step"},
        ],
    )
    assert findings(company.judge_one(CHECK))["next_step/filled"] == (2, 2, ("o1", "o2"))


def test_a_deal_created_after_the_as_of_instant_owes_nothing(company: Company) -> None:
    instants = [company.as_of_at - timedelta(seconds=1), company.as_of_at, None]
    company.add(
        OPPORTUNITIES,
        [
            deal(f"o{n}", "won", next_step=None, created_at=instant)
            for n, instant in enumerate(instants, 1)
        ],
    )
    assert findings(company.judge_one(CHECK))["next_step/filled"] == (2, 2, ("o1", "o3"))


def test_deleted_vanished_and_merged_deals_owe_nothing(company: Company) -> None:
    company.add(
        OPPORTUNITIES,
        [
            deal("o1", "proposal", next_step=None),
            deal("o2", "proposal", next_step=None, is_deleted=True),
            deal("o3", "proposal", next_step=None, is_vanished=True),
            deal("o4", "proposal", next_step=None, merged_into_id="o1"),
            deal("o5", "proposal", next_step=None, is_deleted=None, is_vanished=None),
        ],
    )
    found = findings(company.judge_one(CHECK))
    assert found["next_step/filled"] == (2, 2, ("o1", "o5"))


def judged_empty(company: Company, texts: list[str]) -> list[str]:
    """Those of the texts that count as empty."""
    company.add(
        OPPORTUNITIES, [deal(str(n), "won", next_step=text) for n, text in enumerate(texts)]
    )
    evaluated, _, record_ids = findings(company.judge_one(CHECK))["next_step/filled"]
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
    ]
    assert judged_empty(company, blanks + dashes) == blanks + dashes


def test_what_only_looks_like_a_placeholder_is_filled(company: Company) -> None:
    texts = ["n/a yet", "--", "00", "x", "its open", "\u00f1", "n / a", ":-)"]
    assert judged_empty(company, texts) == []


def test_placeholders_among_numbers_and_days_are_compared_as_such(company: Company) -> None:
    company.add(
        OPPORTUNITIES,
        [
            deal("o1", "proposal", amount_doc=Decimal("0.00")),
            deal("o2", "proposal", amount_doc=Decimal("0.01")),
            deal("o3", "proposal", amount_doc=None),
            deal("o4", "proposal", expected_close_date=date(1900, 1, 1)),
            deal("o5", "proposal", expected_close_date=date(1900, 1, 2)),
        ],
    )
    found = findings(company.judge_one(CHECK))
    assert found["amount_doc/filled"] == (5, 2, ("o1", "o3"))
    assert found["expected_close_date/filled"] == (5, 1, ("o4",))


def test_a_rule_holds_from_its_first_day(company: Company) -> None:
    """expected_close_date is ruled since the as-of day itself, competitor since the day after."""
    company.add(OPPORTUNITIES, [deal("o1", "won", competitor=None, expected_close_date=None)])
    found = findings(company.judge_one(CHECK))
    assert found["expected_close_date/filled"] == (1, 1, ("o1",))
    assert "competitor/filled" not in found


def test_missing_fields_warn_and_never_block(company: Company) -> None:
    company.add(OPPORTUNITIES, [deal("o1", "proposal", amount_doc=None, next_step=None)])
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
    company.add(OPPORTUNITIES, [deal(f"o{n:03}", "won", next_step="-") for n in range(30, 0, -1)])
    evaluated, failed, record_ids = findings(company.judge_one(CHECK))["next_step/filled"]
    assert (evaluated, failed) == (30, 30)
    assert record_ids == tuple(f"o{n:03}" for n in range(1, 21))


def test_no_value_leaves_the_warehouse(company: Company) -> None:
    company.add(CONTACTS, [{"contact_id": "c1", "email": "jane@example.com"}])
    company.add(CONTACTS, [{"contact_id": "c2", "email": " N/A "}])
    verdict = company.judge_one("mandatory_fields__contacts")
    assert findings(verdict)["email/filled"] == (2, 1, ("c2",))
    assert "jane" not in repr(verdict)
    assert "N/A" not in repr(verdict)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("opportunities,next_stop,,,warn,1,rep,x", "did you mean 'next_step'"),
        ("opportunities,next_step,nego,,warn,1,rep,x", "unknown stage 'nego'"),
        ("contacts,email,won,,warn,1,rep,x", "pass through no stages"),
        ("contacs,email,,,warn,1,rep,x", "did you mean 'contacts'"),
    ],
)
def test_a_desk_line_that_does_not_fit_the_tables_is_named(
    company: Company, line: str, message: str
) -> None:
    header = "entity,field,required_from,since,severity,weight,accountable,reason\n"
    (company.desk / "mandatory_fields.csv").write_text(header + line + "\n")
    with pytest.raises(ExpectationsError, match=message) as error:
        company.judge()
    assert "mandatory_fields.csv, line 2" in str(error.value)


TEXTS = [
    None, "", " ", "\t\n", "\u00a0", "\u200b", "n/a", "N/A", " N/a ", "-", " - ", "--", "it's open",
    "IT'S OPEN", "its open", ":-(", " :-(", "{x}", "100%s", "0", "00", "call back",
    "Appel\u00e9", "x",
]  # fmt: skip
PLACEHOLDERS = {"n/a", "-", "it's open", ":-(", "{x}", "100%s", "0", "1900-01-01"}
POSITIONS = {"qualification": 1, "proposal": 2, "won": 3, "lost": 4}


def is_empty(text: str | None) -> bool:
    """The rule once more, in plain Python and character by character."""

    def blank(character: str) -> bool:
        return unicodedata.category(character)[0] in "ZC"

    kept = list(text or "")
    while kept and blank(kept[0]):
        kept.pop(0)
    while kept and blank(kept[-1]):
        kept.pop()
    return not kept or "".join(kept).lower() in PLACEHOLDERS


def random_deal(chance: random.Random, number: int) -> dict[str, object]:
    return {
        "opportunity_id": f"o{number}",
        "stage_id": chance.choice([*POSITIONS, *POSITIONS, "unheard of", None]),
        "next_step": chance.choice(TEXTS),
        "amount_doc": chance.choice([None, Decimal("0.00"), Decimal("0.10"), Decimal("99.00")]),
        "expected_close_date": chance.choice([None, date(1900, 1, 1), date(2026, 1, 1)]),
        "is_deleted": chance.choice([None, False, False, False, True]),
        "is_vanished": chance.choice([None, False, False, False, True]),
        "merged_into_id": chance.choice([None, None, None, None, "o1"]),
    }


def test_a_thousand_random_records_agree_with_plain_python(company: Company) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed = {seed}")
    chance = random.Random(seed)
    deals = [random_deal(chance, number) for number in range(1000)]
    stages = [*POSITIONS, "unheard of", None]
    log = [
        moved(f"o{chance.randrange(1000)}", chance.choice(stages), chance.choice(stages), day)
        for day in ["2025-01-01", "2025-12-31", "2026-01-01"]
        for _ in range(200)
    ]
    company.add(OPPORTUNITIES, deals)
    company.add("intermediate.int_opportunity_changes_conformed", log)

    def furthest(record: dict[str, object]) -> int:
        reached = [record["stage_id"]]
        for line in log:
            known = str(line["changed_at"]) < "2025-12-31 23:00:00"
            if known and line["opportunity_id"] == record["opportunity_id"]:
                reached += [line["old_value"], line["new_value"]]
        return max(POSITIONS.get(str(stage), 0) for stage in reached)

    alive = [d for d in deals if not (d["is_deleted"] or d["is_vanished"] or d["merged_into_id"])]
    owing = {
        "amount_doc/filled": [d for d in alive if furthest(d) >= 1],
        "next_step/filled": [d for d in alive if furthest(d) >= 2],
        "expected_close_date/filled": alive,
    }
    missing = {
        "amount_doc/filled": lambda d: d["amount_doc"] in {None, Decimal(0)},
        "next_step/filled": lambda d: is_empty(d["next_step"]),
        "expected_close_date/filled": lambda d: (
            d["expected_close_date"] in {None, date(1900, 1, 1)}
        ),
    }
    expected = {}
    for rule, due in owing.items():
        broken = sorted(str(d["opportunity_id"]) for d in due if missing[rule](d))
        expected[rule] = (len(due), len(broken), tuple(broken[:20]))
    assert findings(company.judge_one(CHECK)) == expected
