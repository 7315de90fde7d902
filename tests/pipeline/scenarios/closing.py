"""Won, lost, reopened."""

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import EXPORT, scenario

SCENARIOS = [
    scenario(
        "lost, reopened, lost, reopened, won: three cycles",
        deal(
            "reopened-twice",
            "2025-01-06 09:00",
            change("2025-01-08 09:00", "stage", "closed_lost"),
            change("2025-01-13 09:00", "stage", "proposal"),
            change("2025-01-15 09:00", "stage", "closed_lost"),
            change("2025-01-20 09:00", "stage", "proposal"),
            change("2025-01-23 09:00", "stage", "closed_won"),
        ),
        visits="""
            stage_id       entry   transition  cycle_no  visit_no  days  cumulative_days  is_latest
            qualification  create  close       1         1         2     2                yes
            proposal       reopen  close       2         1         2     5                no
            proposal       reopen  close       3         1         3     5                yes
        """,
        moves="""
            movement_date  bucket    deal_count  amount
            2025-01-06     new       1           1000
            2025-01-08     lost      -1          -1000
            2025-01-13     reopened  1           1000
            2025-01-15     lost      -1          -1000
            2025-01-20     reopened  1           1000
            2025-01-23     won       -1          -1000
        """,
        runs="""
            stage_id       from_date   to_date     open_count
            qualification  2025-01-06  2025-01-07  1
            proposal       2025-01-13  2025-01-14  1
            proposal       2025-01-20  2025-01-22  1
        """,
    ),
    scenario(
        "won and reopened on one day: the day's end shows nothing of it",
        deal(
            "won-for-an-hour",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-10 10:00", "stage", "qualification"),
        ),
        visits="""
            stage_id       entry   transition  cycle_no  left_at
            qualification  create  close       1         2025-01-10T09:00
            qualification  reopen  -           2         -
        """,
        moves="""
            movement_date  bucket
            2025-01-06     new
        """,
        runs="""
            from_date   to_date     days
            2025-01-06  2025-05-31  146
        """,
    ),
    scenario(
        "won, then the amount is corrected: the pipeline does not move",
        deal(
            "corrected",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-15 09:00", "amount", "900"),
        ),
        states="""
            state  amount  from_date   until_date
            open   1000    2025-01-06  2025-01-10
            won    1000    2025-01-10  2025-01-15
            won    900     2025-01-15  2025-04-01
            won    900     2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket  amount
            2025-01-06     new     1000
            2025-01-10     won     -1000
        """,
    ),
    scenario(
        "won for less than it was worth: first it decreases, then it leaves at its last amount",
        deal(
            "discounted",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "amount", "900"),
            change("2025-01-10 09:00", "stage", "closed_won"),
        ),
        moves="""
            movement_date  bucket     deal_count  amount
            2025-01-06     new        1           1000
            2025-01-10     decreased  0           -100
            2025-01-10     won        -1          -900
        """,
    ),
    scenario(
        "reopened with another amount: it enters at that amount",
        deal(
            "reopened-higher",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_lost"),
            change("2025-01-15 09:00", "amount", "1500"),
            change("2025-01-15 09:00", "stage", "discovery"),
        ),
        moves="""
            movement_date  bucket    deal_count  amount
            2025-01-06     new       1           1000
            2025-01-10     lost      -1          -1000
            2025-01-15     reopened  1           1500
        """,
    ),
    scenario(
        "created and closed on one day: never in a snapshot",
        deal("brief", "2025-01-06 09:00", change("2025-01-06 15:00", "stage", "closed_won")),
        visits="""
            stage_id       transition  days
            qualification  close       0.25
        """,
        states="""
            state  from_date   until_date
            won    2025-01-06  2025-04-01
            won    2025-04-01  2025-06-01
        """,
        runs="from_date",
        moves="bucket",
    ),
    scenario(
        "reopened, and the record still shows when it was closed: open, at this year's rate",
        deal(
            "kept-closing",
            "2025-03-03 09:00",
            change("2025-03-10 09:00", "stage", "closed_won"),
            change("2025-04-10 09:00", "stage", "negotiation"),
            keeps_closed_at=True,
            currency="USD",
        ),
        today="""
            state  amount  closed_date  closed_at  age_days   cycle_count
            open   800     -            -          89.541667  2
        """,
        states="""
            state  amount  from_date   until_date
            open   900     2025-03-03  2025-03-10
            won    900     2025-03-10  2025-04-01
            won    800     2025-04-01  2025-04-10
            open   800     2025-04-10  2025-06-01
        """,
    ),
    scenario(
        "no log, closed and reopened between two exports: the kept date dates no open stage",
        deal(
            "unseen-closing",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "closed_won"),
            change("2025-02-12 09:00", "stage", "proposal"),
            log="none",
            keeps_closed_at=True,
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            stage_id       valid_from
            qualification  2025-01-06T09:00
            proposal       2025-02-28T20:00
        """,
    ),
    scenario(
        "binned after it was lost: its closing no longer counts",
        deal(
            "lost-and-binned",
            "2025-03-03 09:00",
            change("2025-03-10 09:00", "stage", "closed_lost"),
            change("2025-04-10 09:00", "is_deleted", "true"),
            currency="USD",
        ),
        today="""
            state    amount  closed_date
            deleted  800     -
        """,
    ),
    scenario(
        "won one day, lost the next: it left the pipeline once",
        deal(
            "undone",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-11 09:00", "stage", "closed_lost"),
        ),
        moves="""
            movement_date  bucket
            2025-01-06     new
            2025-01-10     won
        """,
        states="""
            state  from_date   until_date
            open   2025-01-06  2025-01-10
            won    2025-01-10  2025-01-11
            lost   2025-01-11  2025-04-01
            lost   2025-04-01  2025-06-01
        """,
    ),
    scenario(
        "won, and reopened a week later: it is not new",
        deal(
            "bounced",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-17 09:00", "stage", "negotiation"),
        ),
        moves="""
            movement_date  bucket    deal_count  amount
            2025-01-06     new       1           1000
            2025-01-10     won       -1          -1000
            2025-01-17     reopened  1           1000
        """,
    ),
]
