"""What becomes of what was said of a deal, life by life: every answer was worked by hand.

Each deal is its rep's only one: 1,000 at 10 %, so a forecast of 100. It is judged by what was said
on 17 March, a fortnight before the month's end, and read on 31 May.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.pipeline.area import Area, Built, Settings, build
from tests.pipeline.crm import change, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.scenario import DAY, EXPORT

BORN, CLOSE = "2025-01-06 09:00", "2025-03-31"
STATED = "date '2025-03-17'"
STAGE, BIN = "stage", "is_deleted"
DEALS = [
    deal("won-in-time", BORN, change("2025-03-20 09:00", STAGE, "closed_won"), close_date=CLOSE),
    deal("deleted", BORN, change("2025-03-20 09:00", BIN, "true"), close_date=CLOSE),
    deal(
        "restored",
        BORN,
        change("2025-03-20 09:00", BIN, "true"),
        change("2025-04-10 09:00", BIN, "false"),
        close_date=CLOSE,
    ),
    deal("merged", BORN, change("2025-03-20 09:00", "merged_into_id", "open"), close_date=CLOSE),
    deal(
        "merged-later",
        BORN,
        change("2025-03-20 09:00", STAGE, "closed_won"),
        change("2025-04-10 09:00", "merged_into_id", "open"),
        close_date=CLOSE,
    ),
    deal(
        "reopened",
        BORN,
        change("2025-03-20 09:00", STAGE, "closed_won"),
        change("2025-04-10 09:00", STAGE, "proposal"),
        change("2025-05-05 09:00", STAGE, "closed_lost"),
        close_date=CLOSE,
    ),
    deal(
        "won-again",
        BORN,
        change("2025-03-20 09:00", STAGE, "closed_lost"),
        change("2025-03-25 09:00", STAGE, "proposal"),
        change("2025-04-10 09:00", STAGE, "closed_won"),
        close_date=CLOSE,
    ),
    deal(
        "open-again",
        BORN,
        change("2025-03-20 09:00", STAGE, "closed_lost"),
        change("2025-03-25 09:00", STAGE, "proposal"),
        close_date=CLOSE,
    ),
    deal("open", BORN, change("2025-04-02 09:00", "close_date", "2025-06-30"), close_date=CLOSE),
    deal("later", BORN, close_date="2025-06-30"),
    # The one that the export tells without a log.
    deal(
        "unlogged",
        BORN,
        change("2025-04-10 09:00", STAGE, "closed_won"),
        close_date=CLOSE,
        log="none",
    ),
]
# deal -> won by the end of March as it stood then, what of it still stands, deals not resolved yet
AMOUNTS = {
    "won-in-time": (1000, 1000, 0),
    "deleted": (0, 0, 0),
    "restored": (0, 0, 1),
    "merged": (0, 0, 0),
    "merged-later": (1000, 0, 0),
    "reopened": (1000, 0, 0),
    "won-again": (0, 0, 0),
    "open-again": (0, 0, 1),
    "open": (0, 0, 1),
    "unlogged": (0, 0, 0),
}
# deal -> ever won, won by the end of March
CHANCES = {
    "won-in-time": (True, True),
    "deleted": (False, False),
    "restored": (None, False),
    "merged": (None, None),
    "merged-later": (True, True),
    "reopened": (True, True),
    "won-again": (True, False),
    "open-again": (None, False),
    "open": (None, False),
    "unlogged": (True, False),
}
# deal -> how it closed first, days after 31 March (at least, while open or gone), pushes
SLIPS = {
    "won-in-time": ("won", -11, 0),
    "deleted": ("gone", -11, 0),
    "restored": ("open", 61, 0),
    "merged": ("gone", -11, 0),
    "merged-later": ("won", -11, 0),
    "reopened": ("won", -11, 0),
    "won-again": ("lost", -11, 0),
    "open-again": ("lost", -11, 0),
    "open": ("open", 61, 1),
    "unlogged": ("won", None, None),
}


@pytest.fixture(scope="module")
def built(area: Area) -> Built:
    """All deals, each of its own rep, as one export of 31 May tells them."""
    return build(area, lake(DEALS, [instant(EXPORT)]), DESK, Settings(DAY))


def forecast(built: Built, of: str, period: str, stated: str) -> dict[str, Any]:
    """What the rep of a deal stated by chance x amount, and what became of it."""
    (row,) = built.rows(f"""
        select deal_count, unresolved_count, stated_amount, actual_amount, error_amount,
            restated_amount, is_reconstructed
        from marts.fct_forecast_accuracy
        where level = 'rep' and member = 'rep-of-{of}' and method = 'stated_probability'
            and period_grain = 'month' and period_start_date = date '{period}'
            and stated_date = {stated}
            and is_reconstructed = ('{of}' = 'unlogged')
    """)
    return row


@pytest.mark.parametrize("of", AMOUNTS)
def test_an_amount_is_judged_as_it_stood_at_the_periods_end_and_as_it_stands(
    built: Built, of: str
) -> None:
    actual, restated, unresolved = AMOUNTS[of]
    assert forecast(built, of, "2025-03-01", STATED) == {
        "deal_count": 1,
        "unresolved_count": unresolved,
        "stated_amount": Decimal(100),
        "actual_amount": Decimal(actual),
        "error_amount": Decimal(100 - actual),
        "restated_amount": Decimal(restated),
        "is_reconstructed": of == "unlogged",
    }


def test_a_rep_without_a_deal_for_the_month_states_0_and_is_judged_by_it(built: Built) -> None:
    told = forecast(built, "later", "2025-03-01", STATED)
    assert (told["deal_count"], told["stated_amount"], told["error_amount"]) == (0, 0, 0)


def test_a_period_that_is_not_over_has_no_outcome_yet(built: Built) -> None:
    told = forecast(built, "later", "2025-06-01", "date '2025-05-31'")
    assert (told["deal_count"], told["stated_amount"]) == (1, 100)
    assert told["actual_amount"] is told["error_amount"] is told["restated_amount"] is None


@pytest.mark.parametrize("of", CHANCES)
def test_a_chance_is_judged_by_both_outcomes(built: Built, of: str) -> None:
    found = built.rows(f"""
        select is_ever_won, is_won_by_period from intermediate.int_deals_judged
        where opportunity_id = '{of}' and stated_date = {STATED} and horizon_days = 14
    """)
    assert [tuple(row.values()) for row in found] == [CHANCES[of]]


@pytest.mark.parametrize("of", SLIPS)
def test_a_slip_is_told_as_far_as_it_is_known(built: Built, of: str) -> None:
    found = built.rows(f"""
        select outcome, slip_days, push_count from marts.fct_close_date_slips
        where opportunity_id = '{of}' and stated_date = {STATED} and horizon_days = 14
    """)
    assert [tuple(row.values()) for row in found] == [SLIPS[of]]
