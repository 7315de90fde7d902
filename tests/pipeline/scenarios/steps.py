"""From stage to stage."""

from tests.pipeline.crm import change, deal
from tests.pipeline.scenario import scenario

SCENARIOS = [
    scenario(
        "step by step to the win",
        deal(
            "won",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "discovery"),
            change("2025-01-20 21:00", "stage", "proposal"),
            change("2025-01-31 09:00", "stage", "negotiation"),
            change("2025-02-10 09:00", "stage", "closed_won"),
        ),
        visits="""
            stage_id       entry    transition  cycle_no  visit_no  days  working_days  is_open
            qualification  create   forward     1         1         4     4             no
            discovery      forward  forward     1         1         10.5  6             no
            proposal       forward  forward     1         1         10.5  9             no
            negotiation    forward  close       1         1         10    6             no
        """,
        versions="""
            version_no  stage_id       state  valid_from        valid_to          is_current
            1           qualification  open   2025-01-06T09:00  2025-01-10T09:00  no
            2           discovery      open   2025-01-10T09:00  2025-01-20T21:00  no
            3           proposal       open   2025-01-20T21:00  2025-01-31T09:00  no
            4           negotiation    open   2025-01-31T09:00  2025-02-10T09:00  no
            5           closed_won     won    2025-02-10T09:00  -                 yes
        """,
        moves="""
            movement_date  bucket  deal_count  amount  close_month_date
            2025-01-06     new     1           1000    2025-06-01
            2025-02-10     won     -1          -1000   2025-06-01
        """,
    ),
    scenario(
        "a stage is skipped",
        deal("skipping", "2025-01-06 09:00", change("2025-01-10 09:00", "stage", "negotiation")),
        visits="""
            stage_id       entry   transition  days        is_open  left_at
            qualification  create  skip_2      4           no       2025-01-10T09:00
            negotiation    skip_2  -           141.541667  yes      -
        """,
    ),
    scenario(
        "a step back, and forward again: two visits to one stage",
        deal(
            "backward",
            "2025-01-06 09:00",
            change("2025-01-08 09:00", "stage", "proposal"),
            change("2025-01-11 09:00", "stage", "qualification"),
            change("2025-01-15 09:00", "stage", "proposal"),
            change("2025-01-20 09:00", "stage", "closed_lost"),
        ),
        visits="""
            stage_id       previous_stage_id  next_stage_id  entry       transition  visit_no
            qualification  -                  proposal       create      skip_1      1
            proposal       qualification      qualification  skip_1      backward_2  1
            qualification  proposal           proposal       backward_2  skip_1      2
            proposal       qualification      closed_lost    skip_1      close       2
        """,
    ),
    scenario(
        "two visits to each of two stages: the days of each, of the latest, and of all",
        deal(
            "twice",
            "2025-01-06 09:00",
            change("2025-01-08 09:00", "stage", "proposal"),
            change("2025-01-11 09:00", "stage", "qualification"),
            change("2025-01-15 09:00", "stage", "proposal"),
            change("2025-01-20 09:00", "stage", "closed_lost"),
        ),
        visits="""
            stage_id       days  latest_days  cumulative_days  is_latest
            qualification  2     4            6                no
            proposal       3     5            8                no
            qualification  4     4            6                yes
            proposal       5     5            8                yes
        """,
    ),
    scenario(
        "a visit of exactly the expected days does not overstay, a second more does",
        deal("punctual", "2025-01-06 09:00", change("2025-01-27 09:00", "stage", "closed_lost")),
        deal("late", "2025-01-06 09:00", change("2025-01-27 09:00:01", "stage", "closed_lost")),
        visits="""
            opportunity_id  expected_days  days       is_overstay
            late            21             21.000012  yes
            punctual        21             21         no
        """,
    ),
    scenario(
        "of several changes at one instant the last one counts",
        deal(
            "same-instant",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "negotiation"),
            change("2025-01-10 09:00", "stage", "discovery"),
            change("2025-01-10 09:00", "amount", "1"),
            change("2025-01-10 09:00", "amount", "1200.50"),
        ),
        versions="""
            version_no  stage_id       amount_doc  valid_from        valid_to
            1           qualification  1000        2025-01-06T09:00  2025-01-10T09:00
            2           discovery      1200.5      2025-01-10T09:00  -
        """,
        visits="""
            stage_id       entry    transition
            qualification  create   forward
            discovery      forward  -
        """,
    ),
    scenario(
        "there and back at one instant is no change",
        deal(
            "to-and-fro",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "discovery"),
            change("2025-01-10 09:00", "stage", "qualification"),
        ),
        versions="""
            version_no  stage_id       valid_to
            1           qualification  -
        """,
    ),
    scenario(
        "the same value told again begins nothing",
        deal(
            "repeated",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "amount", "1000.00"),
            change("2025-01-11 09:00", "stage", "qualification"),
        ),
        versions="""
            version_no  amount_doc  valid_from        valid_to
            1           1000        2025-01-06T09:00  -
        """,
    ),
    scenario(
        "the same value written otherwise begins nothing either",
        deal(
            "rewritten",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "amount", "1000"),
            change("2025-01-11 09:00", "is_deleted", "FALSE"),
            change("2025-01-12 09:00", "probability", "10.00"),
        ),
        versions="""
            version_no  amount_doc  win_probability  valid_from        valid_to
            1           1000        0.1              2025-01-06T09:00  -
        """,
    ),
    scenario(
        "a log that writes stages in capitals and with blanks means the same stages",
        deal(
            "shouting",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "proposal"),
            change("2025-01-20 09:00", "stage", "closed_won"),
            log_writes={"proposal": " Proposal", "closed_won": "Closed_Won "},
        ),
        versions="""
            stage_id       state  valid_from
            qualification  open   2025-01-06T09:00
            proposal       open   2025-01-10T09:00
            closed_won     won    2025-01-20T09:00
        """,
    ),
    scenario(
        "a change at the instant of creation is the first version",
        deal("at-birth", "2025-01-06 09:00", change("2025-01-06 09:00", "amount", "77")),
        versions="""
            version_no  amount_doc  valid_from
            1           77          2025-01-06T09:00
        """,
        moves="""
            movement_date  bucket  amount
            2025-01-06     new     77
        """,
    ),
    scenario(
        "a change dated before the creation counts from the creation",
        deal("older-than-itself", "2025-01-06 09:00", change("2025-01-01 09:00", "amount", "77")),
        versions="""
            version_no  amount_doc  valid_from
            1           77          2025-01-06T09:00
        """,
    ),
]
