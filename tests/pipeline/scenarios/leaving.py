"""Deleted, merged, vanished, and back."""

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import EXPORT, scenario

SCENARIOS = [
    scenario(
        "deleted and restored",
        deal(
            "deleted-and-restored",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "is_deleted", "true"),
            change("2025-01-20 09:00", "is_deleted", "false"),
        ),
        versions="""
            state    valid_from        valid_to
            open     2025-01-06T09:00  2025-01-10T09:00
            deleted  2025-01-10T09:00  2025-01-20T09:00
            open     2025-01-20T09:00  -
        """,
        visits="""
            stage_id       entry    transition  cycle_no  visit_no  left_at
            qualification  create   delete      1         1         2025-01-10T09:00
            qualification  restore  -           1         2         -
        """,
        moves="""
            movement_date  bucket    deal_count
            2025-01-06     new       1
            2025-01-10     deleted   -1
            2025-01-20     restored  1
        """,
        runs="""
            from_date   to_date
            2025-01-06  2025-01-09
            2025-01-20  2025-05-31
        """,
    ),
    scenario(
        "merged into another deal, which is untouched",
        deal(
            "merged", "2025-01-06 09:00", change("2025-01-10 09:00", "merged_into_id", "survivor")
        ),
        deal("survivor", "2025-01-06 09:00"),
        versions="""
            opportunity_id  state   merged_into_id  valid_to
            merged          open    -               2025-01-10T09:00
            merged          merged  survivor        -
            survivor        open    -               -
        """,
        moves="""
            opportunity_id  movement_date  bucket  deal_count
            merged          2025-01-06     new     1
            merged          2025-01-10     merged  -1
            survivor        2025-01-06     new     1
        """,
    ),
    scenario(
        "merged by mistake and taken back",
        deal(
            "unmerged",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "merged_into_id", "other"),
            change("2025-01-12 09:00", "merged_into_id", None),
        ),
        visits="""
            stage_id       entry    transition
            qualification  create   merge
            qualification  restore  -
        """,
        moves="""
            movement_date  bucket
            2025-01-06     new
            2025-01-10     merged
            2025-01-12     restored
        """,
    ),
    scenario(
        "a won deal is deleted: nothing moves, and it is not won any more",
        deal(
            "won-then-deleted",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_won"),
            change("2025-01-15 09:00", "is_deleted", "true"),
        ),
        states="""
            state    from_date
            open     2025-01-06
            won      2025-01-10
            deleted  2025-01-15
            deleted  2025-04-01
        """,
        moves="""
            movement_date  bucket
            2025-01-06     new
            2025-01-10     won
        """,
    ),
    scenario(
        "vanished from its source: deleted since the export that lacks it",
        deal("vanished", "2025-01-06 09:00", gone=("2025-02-01 00:00", None)),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        states="""
            state    from_date   until_date
            open     2025-01-06  2025-02-28
            deleted  2025-02-28  2025-04-01
            deleted  2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket   deal_count
            2025-01-06     new      1
            2025-02-28     deleted  -1
        """,
    ),
    scenario(
        "lost, deleted, restored open: a new cycle, though the bin lay between",
        deal(
            "lost-binned-open",
            "2025-01-06 09:00",
            change("2025-01-08 09:00", "stage", "closed_lost"),
            change("2025-01-10 09:00", "is_deleted", "true"),
            change("2025-01-12 09:00", "stage", "proposal"),
            change("2025-01-14 09:00", "is_deleted", "false"),
            change("2025-01-16 09:00", "is_deleted", "true"),
            change("2025-01-18 09:00", "is_deleted", "false"),
        ),
        visits="""
            stage_id       entry    transition  cycle_no  visit_no  entered_at
            qualification  create   close       1         1         2025-01-06T09:00
            proposal       restore  delete      2         1         2025-01-14T09:00
            proposal       restore  -           2         2         2025-01-18T09:00
        """,
    ),
    scenario(
        "put to sleep and woken: neither pipeline nor over meanwhile, and still the first cycle",
        deal(
            "sleeper",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "asleep"),
            change("2025-03-10 09:00", "stage", "proposal"),
        ),
        versions="""
            stage_id       state    valid_from
            qualification  open     2025-01-06T09:00
            asleep         dormant  2025-01-10T09:00
            proposal       open     2025-03-10T09:00
        """,
        visits="""
            stage_id       entry   transition  cycle_no  days
            qualification  create  park        1         4
            proposal       resume  -           1         82.541667
        """,
        runs="""
            stage_id       from_date   to_date
            qualification  2025-01-06  2025-01-09
            proposal       2025-03-10  2025-05-31
        """,
    ),
    scenario(
        "asleep at as_of: today's table says dormant, neither open nor lost, without a closing",
        deal("asleep-today", "2025-01-06 09:00", change("2025-01-10 09:00", "stage", "asleep")),
        today="""
            state    is_open  is_lost  is_unqualified  closed_date
            dormant  no       no       no              -
        """,
    ),
    scenario(
        "found unqualified: lost, and marked so that win rates leave it out",
        deal("no-deal", "2025-01-06 09:00", change("2025-01-10 09:00", "stage", "disqualified")),
        today="""
            state  is_lost  is_unqualified  closed_date
            lost   yes      yes             2025-01-10
        """,
    ),
    scenario(
        "vanished and delivered again: restored, with what the log says meanwhile",
        deal(
            "back-again",
            "2025-01-06 09:00",
            change("2025-03-10 09:00", "amount", "1500"),
            gone=("2025-02-01 00:00", "2025-03-15 00:00"),
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", "2025-03-31 20:00", EXPORT],
        states="""
            state    amount  from_date   until_date
            open     1000    2025-01-06  2025-02-28
            deleted  1000    2025-02-28  2025-03-10
            deleted  1500    2025-03-10  2025-03-31
            open     1500    2025-03-31  2025-04-01
            open     1500    2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket    amount
            2025-01-06     new       1000
            2025-02-28     deleted   -1000
            2025-03-31     restored  1500
        """,
    ),
]
