"""A log that is faulty in itself: nothing stops the build, nothing is lost in silence."""

from collections.abc import Sequence

import pytest

from tests.pipeline.area import Area, Built, Row, Settings, build
from tests.pipeline.crm import Deal, change, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.scenario import DAY, EXPORT

BORN = "2025-01-06 09:00"
UNREADABLE = "every_change_in_the_log_can_be_read"
CONTRADICTION = "the_current_version_of_a_deal_is_its_record"


def of_log(area: Area, one: Deal, rows: Sequence[Row] | None = None) -> Built:
    """The marts of a deal, its log replaced by `rows`."""
    tables = lake([one], [instant(EXPORT)])
    if rows is not None:
        tables["opportunity_changes"] = list(rows)
    return build(area, tables, DESK, Settings(DAY))


def log_of(one: Deal) -> list[Row]:
    """The rows of a deal's log as its export brings them."""
    return lake([one], [instant(EXPORT)])["opportunity_changes"]


def values(built: Built, column: str) -> list[object]:
    """A column of the versions, in their order."""
    return [row[column] for row in built.marts["fct_opportunity_versions"]]


def faults(built: Built) -> list[tuple[object, ...]]:
    """What the check tells of the log."""
    told = built.rows(built.area.checks[UNREADABLE])
    return sorted((row["change_id"], row["field"], row["fault"]) for row in told)


def test_a_text_that_is_no_amount_is_no_value_until_the_next_and_is_told(area: Area) -> None:
    one = deal(
        "garbled",
        BORN,
        change("2025-01-10 09:00", "amount", "1500"),
        change("2025-01-20 09:00", "amount", "1700"),
        log_writes={"1500": "n/a"},
    )
    built = of_log(area, one)
    assert values(built, "amount_doc") == [1000, None, 1700]
    assert faults(built) == [
        ("garbled/1000", "amount_doc", "unreadable new value"),
        ("garbled/1001", "amount_doc", "unreadable old value"),
    ]
    assert built.failed() == [UNREADABLE]


def test_a_probability_with_its_sign_a_day_and_a_flag_that_are_none_are_told(area: Area) -> None:
    one = deal(
        "signed",
        BORN,
        change("2025-01-10 09:00", "probability", "50"),
        change("2025-01-11 09:00", "close_date", "2025-07-31"),
        change("2025-01-12 09:00", "is_deleted", "true"),
        log_writes={"50": "50%", "2025-07-31": "31/07/2025", "true": "yes!"},
    )
    built = of_log(area, one)
    assert values(built, "win_probability")[-1] is None
    assert [fault for _, _, fault in faults(built)] == ["unreadable new value"] * 3
    assert UNREADABLE in built.failed()


def test_a_change_without_an_instant_is_in_no_version_and_is_told(area: Area) -> None:
    one = deal("timeless", BORN, change("2025-01-10 09:00", "amount", "1500"))
    rows = [
        {**row, "changed_at": None} if row["new_value"] == "1500" else row for row in log_of(one)
    ]
    built = of_log(area, one, rows)
    assert values(built, "amount_doc") == [1000]
    assert faults(built) == [("timeless/1000", "amount_doc", "no instant")]


def test_a_log_without_numbers_is_read_by_its_instants(area: Area) -> None:
    one = deal(
        "unnumbered",
        BORN,
        change("2025-01-10 09:00", "amount", "1500"),
        change("2025-01-20 09:00", "stage", "proposal"),
    )
    unnumbered = of_log(area, one, [{**row, "sequence": None} for row in log_of(one)])
    assert unnumbered.fingerprints() == of_log(area, one).fingerprints()
    assert unnumbered.failed() == []


def test_of_two_changes_with_one_number_and_instant_the_one_learnt_last_counts(area: Area) -> None:
    one = deal("tied", BORN, change("2025-01-10 09:00", "amount", "1500"))
    rows = log_of(one)
    tied = next(row for row in rows if row["new_value"] == "1500")
    again = {"id": "tied/0", "_key": "tied/0", "new_value": "1700"}
    later = {**tied, **again, "_extracted_at": "2025-05-31 21:00"}
    for log in ([*rows, later], [later, *reversed(rows)]):
        assert values(of_log(area, one, log), "amount_doc") == [1000, 1700]


def test_a_change_that_is_delivered_again_counts_as_it_was_delivered_last(area: Area) -> None:
    one = deal("redelivered", BORN, change("2025-01-10 09:00", "amount", "1500"))
    rows = log_of(one)
    told = next(row for row in rows if row["new_value"] == "1500")
    mended = {**told, "new_value": "1700", "_extracted_at": "2025-05-31 21:00"}
    for log in ([*rows, mended], [mended, *rows]):
        built = of_log(area, one, log)
        assert values(built, "amount_doc") == [1000, 1700]


def test_a_log_that_lost_the_closing_contradicts_the_record_and_is_told(area: Area) -> None:
    one = deal(
        "unclosed",
        BORN,
        change("2025-01-10 09:00", "amount", "1500"),
        change("2025-01-20 09:00", "stage", "closed_won"),
    )
    lost = of_log(area, one, [row for row in log_of(one) if row["new_value"] != "closed_won"])
    assert values(lost, "state")[-1] == "open"
    assert lost.marts["fct_opportunities"][0]["state"] == "won"
    assert lost.failed() == [CONTRADICTION]
    told = lost.rows(area.checks[CONTRADICTION])
    assert [(row["opportunity_id"], row["version_state"], row["record_state"]) for row in told] == [
        ("unclosed", "open", "won")
    ]


@pytest.mark.parametrize(
    ("name", "value", "flag"),
    [
        ("amount", "1500", "amount_differs"),
        ("currency", "USD", "currency_differs"),
        ("owner_id", "ann", "rep_differs"),
        ("close_date", "2025-07-31", "close_date_differs"),
        ("stage", "proposal", "stage_differs"),
        ("is_deleted", "true", "state_differs"),
    ],
)
def test_a_change_that_the_log_lost_is_named(area: Area, name: str, value: str, flag: str) -> None:
    one = deal("forgetful", BORN, change("2025-01-10 09:00", name, value))
    kept = [row for row in log_of(one) if row["id"] != "forgetful/1000"]
    (told,) = of_log(area, one, kept).rows(area.checks[CONTRADICTION])
    assert {key for key, found in told.items() if found is True} == {flag}
