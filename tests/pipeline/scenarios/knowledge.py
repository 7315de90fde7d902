"""What was learnt late, half or not at all."""

from datetime import date

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import EXPORT, scenario

LATE = change("2025-02-10 09:00", "stage", "closed_lost", learnt="2025-04-11 09:00")
SCENARIOS = [
    scenario(
        "learnt 60 days late: as of March the deal is open",
        deal("late-in-march", "2025-01-06 09:00", LATE),
        loads=["2025-01-31 20:00", "2025-03-31 20:00", "2025-04-30 20:00"],
        day=date(2025, 3, 31),
        runs="""
            from_date   to_date
            2025-01-06  2025-03-31
        """,
    ),
    scenario(
        "learnt 60 days late: as of May it was lost on the day on which it was lost",
        deal("late-in-may", "2025-01-06 09:00", LATE),
        loads=["2025-01-31 20:00", "2025-03-31 20:00", "2025-04-30 20:00"],
        runs="""
            from_date   to_date
            2025-01-06  2025-02-09
        """,
        versions="""
            state  valid_from        known_at
            open   2025-01-06T09:00  2025-01-31T20:00
            lost   2025-02-10T09:00  2025-04-30T20:00
        """,
    ),
    scenario(
        "delivered in the wrong order: the effect counts, not the arrival",
        deal(
            "out-of-order",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "proposal"),
            change("2025-02-05 09:00", "stage", "discovery", learnt="2025-04-11 09:00"),
        ),
        loads=["2025-02-28 20:00", EXPORT],
        visits="""
            stage_id       left_at
            qualification  2025-02-05T09:00
            discovery      2025-02-10T09:00
            proposal       -
        """,
    ),
    scenario(
        "the log begins in the middle: the first old value held since the creation",
        deal(
            "half-logged",
            "2025-01-06 09:00",
            change("2025-03-10 09:00", "stage", "negotiation"),
            change("2025-03-20 09:00", "amount", "1500"),
            log="changes",
            stage="proposal",
        ),
        versions="""
            stage_id     amount_doc  valid_from        is_stage_reconstructed
            proposal     1000        2025-01-06T09:00  no
            negotiation  1000        2025-03-10T09:00  no
            negotiation  1500        2025-03-20T09:00  no
        """,
    ),
    scenario(
        "the log begins where a value was empty: it stays empty before",
        deal(
            "first-filled",
            "2025-01-06 09:00",
            change("2025-03-10 09:00", "amount", "1500"),
            log="changes",
            amount=None,
        ),
        versions="""
            amount_doc  valid_from
            -           2025-01-06T09:00
            1500        2025-03-10T09:00
        """,
    ),
    scenario(
        "a log whose rows are not numbered in the order of their days: the days count",
        deal(
            "numbered-backwards",
            "2025-01-06 09:00",
            change("2025-03-20 09:00", "amount", "3000"),
            change("2025-03-10 09:00", "amount", "2000"),
            log="changes",
        ),
        versions="""
            amount_doc  valid_from
            1000        2025-01-06T09:00
            2000        2025-03-10T09:00
            3000        2025-03-20T09:00
        """,
    ),
    scenario(
        "the log begins with two changes at one instant: what the first one replaced held before",
        deal(
            "twice-at-once",
            "2025-01-06 09:00",
            change("2025-03-10 09:00", "amount", "2000"),
            change("2025-03-10 09:00", "amount", "3000"),
            log="changes",
        ),
        versions="""
            amount_doc  valid_from
            1000        2025-01-06T09:00
            3000        2025-03-10T09:00
        """,
    ),
    scenario(
        "no log at all, one export: the open deal is taken as it is, and says so",
        deal("unlogged", "2025-01-06 09:00", log="none", stage="discovery"),
        versions="""
            stage_id   state  valid_from        is_reconstructed
            discovery  open   2025-01-06T09:00  yes
        """,
    ),
    scenario(
        "no log, closed when first exported: open until its closing, in the first stage",
        deal(
            "unlogged-won",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "closed_won"),
            log="none",
            stage="proposal",
        ),
        versions="""
            stage_id       state  valid_from        is_reconstructed
            qualification  open   2025-01-06T09:00  yes
            closed_won     won    2025-02-10T09:00  yes
        """,
        visits="""
            stage_id       transition  is_reconstructed
            qualification  close       yes
        """,
    ),
    scenario(
        "no log, several exports: a change counts from the export that shows it",
        deal(
            "compared",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "amount", "1500"),
            change("2025-02-20 09:00", "stage", "discovery"),
            log="none",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            stage_id       amount_doc  valid_from        is_reconstructed
            qualification  1000        2025-01-06T09:00  yes
            discovery      1500        2025-02-28T20:00  no
        """,
    ),
    scenario(
        "no log, closed between two exports: the closing's own date counts",
        deal(
            "compared-won",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "closed_won"),
            log="none",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            state  valid_from
            open   2025-01-06T09:00
            won    2025-02-10T09:00
        """,
    ),
    scenario(
        "no log, and vanished: deleted, its last values kept",
        deal("compared-vanished", "2025-01-06 09:00", log="none", gone=("2025-02-10 09:00", None)),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            stage_id       amount_doc  state    valid_from
            qualification  1000        open     2025-01-06T09:00
            qualification  1000        deleted  2025-02-28T20:00
        """,
    ),
    scenario(
        "the log keeps silent about a field: successive exports tell it",
        deal(
            "half-tracked",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "amount", "1500"),
            change("2025-02-20 09:00", "stage", "discovery"),
            untracked=["amount"],
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            amount_doc  valid_from        is_stage_reconstructed  is_amount_reconstructed
            1000        2025-01-06T09:00  no                      yes
            1000        2025-02-20T09:00  no                      no
            1500        2025-02-28T20:00  no                      no
        """,
        visits="""
            stage_id       is_reconstructed
            qualification  no
            discovery      no
        """,
    ),
    scenario(
        "the log tells amounts but no stages: the stage before the first export is a guess",
        deal(
            "stage-untracked",
            "2025-01-06 09:00",
            change("2025-01-08 09:00", "stage", "negotiation"),
            change("2025-01-10 09:00", "amount", "1500"),
            change("2025-01-20 09:00", "stage", "closed_won"),
            untracked=["stage"],
        ),
        versions="""
            stage_id       amount_doc  is_stage_reconstructed  is_amount_reconstructed
            qualification  1000        yes                     no
            qualification  1500        yes                     no
            closed_won     1500        yes                     no
        """,
        visits="""
            stage_id       days  is_reconstructed
            qualification  14    yes
        """,
    ),
    scenario(
        "a deal whose log never tells its close date: nothing of it is a guess but that date",
        deal("date-untracked", "2025-01-06 09:00", untracked=["close_date"]),
        versions="""
            is_stage_reconstructed  is_close_date_reconstructed  is_reconstructed
            no                      yes                          yes
        """,
    ),
    scenario(
        "no log, put into the bin: deleted since the export that shows it there",
        deal(
            "binned",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "is_deleted", "true"),
            log="none",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            state    valid_from
            open     2025-01-06T09:00
            deleted  2025-02-28T20:00
        """,
    ),
    scenario(
        "no log, a closing entered late: older than the last export, it counts from the next",
        deal(
            "closed-long-ago",
            "2025-01-06 09:00",
            change("2025-01-20 09:00", "stage", "closed_won", learnt="2025-02-10 09:00"),
            log="none",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            state  valid_from
            open   2025-01-06T09:00
            won    2025-02-28T20:00
        """,
    ),
    scenario(
        "no log, exported at the very instant of its creation: nothing is reconstructed",
        deal("fresh", "2025-05-31 20:00", log="none"),
        versions="""
            valid_from        is_reconstructed
            2025-05-31T20:00  no
        """,
    ),
    scenario(
        "two fields change at one instant, one is learnt later: known when all of it is",
        deal(
            "known-in-parts",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "amount", "1500"),
            change("2025-02-10 09:00", "stage", "discovery", learnt="2025-04-11 09:00"),
        ),
        loads=["2025-02-28 20:00", EXPORT],
        versions="""
            stage_id       amount_doc  valid_from        known_at
            qualification  1000        2025-01-06T09:00  2025-02-28T20:00
            discovery      1500        2025-02-10T09:00  2025-05-31T20:00
        """,
    ),
    scenario(
        "today's table holds the last word of the last export",
        deal(
            "of-today",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "amount", "1500"),
            change("2025-04-10 09:00", "stage", "closed_won"),
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        today="""
            stage_id    state  amount  closed_date  last_open_stage_id  cycle_count
            closed_won  won    1500    2025-04-10   qualification       1
        """,
    ),
    scenario(
        "the log and an export in between disagree: the log counts",
        deal(
            "contradicted",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "amount", "1500"),
            change("2025-03-20 09:00", "amount", "1400"),
            log_writes={"1500": "1400"},
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            amount_doc  valid_from
            1000        2025-01-06T09:00
            1400        2025-02-10T09:00
        """,
    ),
    scenario(
        "no log, a closing that only a later export tells: still open as of March",
        deal(
            "told-in-april",
            "2025-01-06 09:00",
            change("2025-03-20 09:00", "stage", "closed_lost"),
            log="none",
        ),
        loads=["2025-01-31 20:00", "2025-04-30 20:00"],
        day=date(2025, 3, 31),
        versions="""
            state  valid_from        valid_to
            open   2025-01-06T09:00  -
        """,
    ),
]
