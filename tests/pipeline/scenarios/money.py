"""Amounts, currencies, plan rates, chances."""

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import scenario

SCENARIOS = [
    scenario(
        "the plan rate changes with the fiscal year: an fx movement, and nothing else",
        deal("dollars", "2025-03-03 09:00", currency="USD"),
        states="""
            amount_doc  plan_rate  amount  weighted_amount  from_date   until_date
            1000        0.9        900     90               2025-03-03  2025-04-01
            1000        0.8        800     80               2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket  deal_count  amount
            2025-03-03     new     1           900
            2025-04-01     fx      0           -100
        """,
    ),
    scenario(
        "amount and plan rate change on one day: the deal's part and the rate's part stay apart",
        deal(
            "both", "2025-03-03 09:00", change("2025-04-01 09:00", "amount", "1100"), currency="USD"
        ),
        moves="""
            movement_date  bucket     deal_count  amount
            2025-03-03     new        1           900
            2025-04-01     fx         0           -110
            2025-04-01     increased  0           90
        """,
    ),
    scenario(
        "the deal changes its currency: a change of the deal, valued at the new currency's rate",
        deal("switched", "2025-01-06 09:00", change("2025-01-10 09:00", "currency", "USD")),
        states="""
            currency  amount_doc  amount  from_date   until_date
            EUR       1000        1000    2025-01-06  2025-01-10
            USD       1000        900     2025-01-10  2025-04-01
            USD       1000        800     2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket     amount
            2025-01-06     new        1000
            2025-01-10     decreased  -100
            2025-04-01     fx         -100
        """,
    ),
    scenario(
        "a rate vanishes with the fiscal year: fx takes the value away, and the day counts it",
        deal("pounds", "2025-01-06 09:00", currency="GBP"),
        states="""
            currency  amount_doc  amount  plan_rate  from_date   until_date
            GBP       1000        1150    1.15       2025-01-06  2025-04-01
            GBP       1000        -       -          2025-04-01  2025-06-01
        """,
        runs="""
            from_date   to_date     open_count  unvalued_count  gross_amount
            2025-01-06  2025-03-31  1           0               1150
            2025-04-01  2025-05-31  1           1               0
        """,
        moves="""
            movement_date  bucket  deal_count  amount
            2025-01-06     new     1           1150
            2025-04-01     fx      0           -1150
        """,
    ),
    scenario(
        "a rate vanishes on the day of a raise: the raise at the old rate, the rest is fx",
        deal(
            "raised-pounds",
            "2025-03-03 09:00",
            change("2025-04-01 09:00", "amount", "1100"),
            currency="GBP",
        ),
        moves="""
            movement_date  bucket     deal_count  amount
            2025-03-03     new        1           1150
            2025-04-01     fx         0           -1265
            2025-04-01     increased  0           115
        """,
    ),
    scenario(
        "into a currency without a rate and back: the value goes and comes as fx",
        deal(
            "detour",
            "2025-05-06 09:00",
            change("2025-05-10 09:00", "currency", "CHF"),
            change("2025-05-20 09:00", "currency", "EUR"),
        ),
        runs="""
            from_date   to_date     unvalued_count  gross_amount
            2025-05-06  2025-05-09  0               1000
            2025-05-10  2025-05-19  1               0
            2025-05-20  2025-05-31  0               1000
        """,
        moves="""
            movement_date  bucket  deal_count  amount
            2025-05-06     new     1           1000
            2025-05-10     fx      0           -1000
            2025-05-20     fx      0           1000
        """,
    ),
    scenario(
        "a currency without a rate has no amount, and its deal still counts",
        deal("francs", "2025-01-06 09:00", currency="CHF"),
        versions="""
            amount_doc  amount
            1000        -
        """,
        states="""
            amount_doc  amount  weighted_amount  plan_rate  until_date
            1000        -       -                -          2025-04-01
            1000        -       -                -          2025-06-01
        """,
        runs="""
            open_count  unvalued_count  gross_amount  weighted_amount  days
            1           1               0             0                146
        """,
        moves="""
            bucket  deal_count  amount
            new     1           0
        """,
    ),
    scenario(
        "a deal without an amount is not one without a rate",
        deal("priceless", "2025-05-06 09:00", amount=None),
        runs="""
            open_count  unvalued_count  gross_amount
            1           0               0
        """,
    ),
    scenario(
        "without an amount there is nothing that a missing rate could leave out",
        deal("priceless-francs", "2025-05-06 09:00", currency="CHF", amount=None),
        runs="""
            open_count  unvalued_count  gross_amount
            1           0               0
        """,
    ),
    scenario(
        "the reporting currency is worth 1, whatever the desk says",
        deal("euros", "2025-01-06 09:00"),
        states="""
            plan_rate  amount
            1          1000
            1          1000
        """,
    ),
    scenario(
        "an amount is emptied, and given again",
        deal(
            "emptied",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "amount", None),
            change("2025-01-15 09:00", "amount", "700"),
        ),
        versions="""
            amount_doc  weighted_amount  valid_from
            1000        100              2025-01-06T09:00
            -           -                2025-01-10T09:00
            700         70               2025-01-15T09:00
        """,
        moves="""
            movement_date  bucket     deal_count  amount
            2025-01-06     new        1           1000
            2025-01-10     decreased  0           -1000
            2025-01-15     increased  0           700
        """,
    ),
    scenario(
        "an amount below 0 is an amount",
        deal(
            "credit",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_lost"),
            amount="-50",
        ),
        moves="""
            movement_date  bucket  deal_count  amount
            2025-01-06     new     1           -50
            2025-01-10     lost    -1          50
        """,
    ),
    scenario(
        "cents are rounded half up, once, from the exact product",
        deal("cents", "2025-01-06 09:00", amount="0.05", currency="USD", probability="50"),
        states="""
            amount  weighted_amount  until_date
            0.05    0.03             2025-04-01
            0.04    0.02             2025-06-01
        """,
    ),
    scenario(
        "a probability of 50 per cent is 0.5",
        deal(
            "even",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "probability", "75.50"),
            probability="50",
        ),
        versions="""
            win_probability  weighted_amount
            0.5              500
            0.755            755
        """,
        moves="""
            movement_date  bucket
            2025-01-06     new
        """,
    ),
    scenario(
        "a version is worth what the plan rate of its first day makes of it",
        deal(
            "new-year",
            "2025-03-31 09:00",
            change("2025-04-01 09:00", "stage", "discovery"),
            currency="USD",
        ),
        versions="""
            stage_id       amount_doc  amount
            qualification  1000        900
            discovery      1000        800
        """,
    ),
    scenario(
        "the log's first word on a chance tells in per cent what it was before",
        deal(
            "reassessed",
            "2025-01-06 09:00",
            change("2025-03-10 09:00", "probability", "75"),
            log="changes",
            probability="50",
        ),
        versions="""
            win_probability  valid_from
            0.5              2025-01-06T09:00
            0.75             2025-03-10T09:00
        """,
    ),
]
