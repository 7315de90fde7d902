"""Local days, nights of 23 and 25 hours, and the instant of as_of."""

from datetime import date

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import EXPORT, scenario

SCENARIOS = [
    scenario(
        "UTC says the 10th, Paris says the 11th: the local day counts",
        deal(
            "after-local-midnight",
            "2025-01-06 22:59:59",
            change("2025-01-10 23:30", "stage", "discovery"),
        ),
        versions="""
            stage_id       valid_from_date  valid_to_date  valid_from
            qualification  2025-01-06       2025-01-11     2025-01-06T22:59:59
            discovery      2025-01-11       -              2025-01-10T23:30
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2025-01-06  2025-01-10
            discovery      2025-01-11  2025-05-31
        """,
    ),
    scenario(
        "created exactly at local midnight: it belongs to the day that begins",
        deal("midnight", "2025-01-05 23:00", change("2025-01-09 23:00", "stage", "closed_won")),
        visits="""
            entered_date  left_date   days
            2025-01-06    2025-01-10  4
        """,
        runs="""
            from_date   to_date
            2025-01-06  2025-01-09
        """,
    ),
    scenario(
        "the night of 30 March has 23 hours: each day's end is where Paris puts it",
        deal(
            "spring",
            "2025-03-29 22:59",
            change("2025-03-29 23:00", "stage", "discovery"),
            change("2025-03-30 21:59:59", "stage", "proposal"),
            change("2025-03-30 22:00", "stage", "negotiation"),
            change("2025-03-31 22:00", "stage", "closed_lost"),
        ),
        versions="""
            stage_id       valid_from_date  valid_to_date
            qualification  2025-03-29       2025-03-30
            discovery      2025-03-30       2025-03-30
            proposal       2025-03-30       2025-03-31
            negotiation    2025-03-31       2025-04-01
            closed_lost    2025-04-01       -
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2025-03-29  2025-03-29
            proposal       2025-03-30  2025-03-30
            negotiation    2025-03-31  2025-03-31
        """,
    ),
    scenario(
        "the night of 27 October has 25 hours: the repeated hour is not lost and not counted twice",
        deal(
            "autumn",
            "2024-10-25 22:30",
            change("2024-10-26 22:00", "stage", "discovery"),
            change("2024-10-27 00:30", "stage", "proposal"),
            change("2024-10-27 01:30", "stage", "negotiation"),
            change("2024-10-27 23:00", "stage", "closed_lost"),
        ),
        visits="""
            stage_id       entered_date  left_date   days
            qualification  2024-10-26    2024-10-27  0.979167
            discovery      2024-10-27    2024-10-27  0.104167
            proposal       2024-10-27    2024-10-27  0.041667
            negotiation    2024-10-27    2024-10-28  0.895833
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2024-10-26  2024-10-26
            negotiation    2024-10-27  2024-10-27
        """,
    ),
    scenario(
        "a change in the last second before as_of counts, one at as_of does not",
        deal(
            "last-second",
            "2025-05-30 09:00",
            change("2025-05-31 21:59:59", "stage", "discovery"),
            change("2025-05-31 22:00", "stage", "proposal"),
        ),
        loads=["2025-05-31 21:59:59"],
        versions="""
            stage_id       valid_from_date  is_current
            qualification  2025-05-30       no
            discovery      2025-05-31       yes
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2025-05-30  2025-05-30
            discovery      2025-05-31  2025-05-31
        """,
    ),
    scenario(
        "what is extracted at as_of or later is not known",
        deal("unheard-of", "2025-05-30 09:00"),
        loads=["2025-05-31 22:00"],
        versions="stage_id",
        visits="stage_id",
        runs="from_date",
        moves="bucket",
    ),
    scenario(
        "a quiet deal is there on every quiet day",
        deal("quiet", "2024-12-24 09:00"),
        runs="""
            stage_id       from_date   to_date     days  open_count  gross_amount  weighted_amount
            qualification  2024-12-24  2025-05-31  159   1           1000          100
        """,
        moves="""
            movement_date  bucket
            2024-12-24     new
        """,
    ),
    scenario(
        "an interval is cut where a month begins, and only there",
        deal("long", "2025-01-30 09:00", change("2025-03-01 09:00", "amount", "5")),
        intervals="""
            month_start_date  from_date   until_date  amount
            2025-01-01        2025-01-30  2025-02-01  1000
            2025-02-01        2025-02-01  2025-03-01  1000
            2025-03-01        2025-03-01  2025-04-01  5
            2025-04-01        2025-04-01  2025-05-01  5
            2025-05-01        2025-05-01  2025-06-01  5
        """,
    ),
    scenario(
        "a stage left and come back to on one day: it stands the same since another instant",
        deal(
            "there-and-back",
            "2025-05-06 09:00",
            change("2025-05-10 09:00", "stage", "discovery"),
            change("2025-05-10 10:00", "stage", "qualification"),
        ),
        intervals="""
            stage_id       from_date   until_date  stage_entered_at
            qualification  2025-05-06  2025-05-10  2025-05-06T09:00
            qualification  2025-05-10  2025-06-01  2025-05-10T10:00
        """,
    ),
    scenario(
        "since when a deal is in its stage no one knows where no log tells",
        deal("unlogged-lately", "2025-05-06 09:00", log="none", stage="discovery"),
        intervals="""
            stage_id   from_date   until_date  stage_entered_at
            discovery  2025-05-06  2025-06-01  -
        """,
    ),
    scenario(
        "working days leave out week-ends and the two holidays of that spring",
        deal("easter", "2025-04-17 09:00", change("2025-05-05 09:00", "stage", "closed_lost")),
        visits="""
            working_days  days
            10            18
        """,
    ),
    scenario(
        "a deal is looked at on a day in its past: what came later is not there",
        deal(
            "looked-back-at",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "proposal"),
            change("2025-01-31 23:00", "stage", "closed_won"),
        ),
        loads=["2025-01-31 22:59:59", EXPORT],
        day=date(2025, 1, 31),
        versions="""
            stage_id       state  is_current
            qualification  open   no
            proposal       open   yes
        """,
        visits="""
            stage_id       days       is_open  left_at
            qualification  4          no       2025-01-10T09:00
            proposal       21.583333  yes      -
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2025-01-06  2025-01-09
            proposal       2025-01-10  2025-01-31
        """,
    ),
    scenario(
        "an open visit counts the working days up to as_of",
        deal("this-week", "2025-05-26 09:00"),
        visits="""
            entered_date  working_days  is_open
            2025-05-26    4             yes
        """,
    ),
]
