"""Expected close dates."""

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import scenario

SCENARIOS = [
    scenario(
        "pushed to a later month, pulled to an earlier one",
        deal(
            "moved",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "close_date", "2025-09-01"),
            change("2025-01-20 09:00", "close_date", "2025-05-31"),
        ),
        moves="""
            movement_date  bucket      deal_count  amount  close_month_date
            2025-01-06     new         1           1000    2025-06-01
            2025-01-10     pushed_in   1           1000    2025-09-01
            2025-01-10     pushed_out  -1          -1000   2025-06-01
            2025-01-20     pulled_in   1           1000    2025-05-01
            2025-01-20     pulled_out  -1          -1000   2025-09-01
        """,
    ),
    scenario(
        "moved out and back: four daily movements that cancel out",
        deal(
            "out-and-back",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "close_date", "2025-07-31"),
            change("2025-01-13 09:00", "close_date", "2025-06-30"),
        ),
        moves="""
            movement_date  bucket      close_month_date
            2025-01-06     new         2025-06-01
            2025-01-10     pushed_in   2025-07-01
            2025-01-10     pushed_out  2025-06-01
            2025-01-13     pulled_in   2025-06-01
            2025-01-13     pulled_out  2025-07-01
        """,
    ),
    scenario(
        "moved out and back on one day, or within one month: nothing moves",
        deal(
            "hesitating",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "close_date", "2025-07-31"),
            change("2025-01-10 10:00", "close_date", "2025-06-30"),
            change("2025-01-15 10:00", "close_date", "2025-06-01"),
        ),
        moves="""
            movement_date  bucket
            2025-01-06     new
        """,
    ),
    scenario(
        "a change taken back on the same day begins no run of days",
        deal(
            "fickle",
            "2025-05-06 09:00",
            change("2025-05-10 09:00", "close_date", "2025-07-31"),
            change("2025-05-10 10:00", "close_date", "2025-06-30"),
        ),
        states="""
            expected_close_date  from_date   until_date
            2025-06-30           2025-05-06  2025-06-01
        """,
    ),
    scenario(
        "without a close date a deal is in no period: later than any",
        deal(
            "dateless",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "close_date", "2025-06-30"),
            change("2025-01-20 09:00", "close_date", None),
            close_date=None,
        ),
        moves="""
            movement_date  bucket      close_month_date
            2025-01-06     new         -
            2025-01-10     pulled_in   2025-06-01
            2025-01-10     pulled_out  -
            2025-01-20     pushed_in   -
            2025-01-20     pushed_out  2025-06-01
        """,
    ),
    scenario(
        "hands, period and amount change on one day: told in that order, balanced in every cell",
        deal(
            "turbulent",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "close_date", "2025-07-31"),
            change("2025-01-10 09:00", "owner_id", "turbulence-taker"),
            change("2025-01-10 09:00", "amount", "600"),
            owner_id="turbulence-giver",
        ),
        moves="""
            bucket           rep_id            close_month_date  deal_count  amount
            new              turbulence-giver  2025-06-01        1           1000
            decreased        turbulence-giver  2025-06-01        0           -400
            pushed_in        turbulence-taker  2025-07-01        1           600
            pushed_out       turbulence-taker  2025-06-01        -1          -600
            transferred_in   turbulence-taker  2025-06-01        1           600
            transferred_out  turbulence-giver  2025-06-01        -1          -600
        """,
    ),
    scenario(
        "won on a day that becomes its close date: it leaves the month that it was expected in",
        deal(
            "dated-by-its-win",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-10 09:00", "close_date", "2025-01-10"),
        ),
        moves="""
            movement_date  bucket  deal_count  close_month_date
            2025-01-06     new     1           2025-06-01
            2025-01-10     won     -1          2025-06-01
        """,
    ),
    scenario(
        "the rate changes on the day of a push: revalued in the old month, then pushed",
        deal(
            "revalued-and-pushed",
            "2025-03-03 09:00",
            change("2025-04-01 09:00", "close_date", "2025-09-30"),
            currency="USD",
        ),
        moves="""
            movement_date  bucket      close_month_date  deal_count  amount
            2025-03-03     new         2025-06-01        1           900
            2025-04-01     fx          2025-06-01        0           -100
            2025-04-01     pushed_in   2025-09-01        1           800
            2025-04-01     pushed_out  2025-06-01        -1          -800
        """,
    ),
]
