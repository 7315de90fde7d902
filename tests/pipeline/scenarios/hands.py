"""Reps, segments, origins."""

from datetime import date

from tests.pipeline.crm import EVER, change, deal
from tests.pipeline.scenario import EXPORT, scenario

SCENARIOS = [
    scenario(
        "handed to another rep: out of one pipeline and into the other",
        deal(
            "transferred",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", "transfer-taker"),
            owner_id="transfer-giver",
        ),
        visits="""
            rep_id          days
            transfer-taker  145.541667
        """,
        runs="""
            rep_id          from_date   to_date     gross_amount
            transfer-giver  2025-01-06  2025-01-09  1000
            transfer-taker  2025-01-10  2025-05-31  1000
        """,
        moves="""
            movement_date  bucket           rep_id          deal_count  amount
            2025-01-06     new              transfer-giver  1           1000
            2025-01-10     transferred_in   transfer-taker  1           1000
            2025-01-10     transferred_out  transfer-giver  -1          -1000
        """,
    ),
    scenario(
        "handed over and raised on one day: the giver gets the increase, the taker the new amount",
        deal(
            "raised-and-transferred",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "amount", "1300"),
            change("2025-01-10 09:00", "owner_id", "raise-taker"),
            owner_id="raise-giver",
        ),
        moves="""
            movement_date  bucket           rep_id       deal_count  amount
            2025-01-06     new              raise-giver  1           1000
            2025-01-10     increased        raise-giver  0           300
            2025-01-10     transferred_in   raise-taker  1           1300
            2025-01-10     transferred_out  raise-giver  -1          -1300
        """,
    ),
    scenario(
        "handed over and won on one day: first it changes hands, then the taker wins it",
        deal(
            "transferred-and-won",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", "closer"),
            change("2025-01-10 10:00", "stage", "closed_won"),
            owner_id="opener",
        ),
        moves="""
            movement_date  bucket           rep_id  deal_count
            2025-01-06     new              opener  1
            2025-01-10     transferred_in   closer  1
            2025-01-10     transferred_out  opener  -1
            2025-01-10     won              closer  -1
        """,
        visits="""
            stage_id       rep_id
            qualification  closer
        """,
    ),
    scenario(
        "handed over and deleted on one day: it is gone before it changes hands",
        deal(
            "transferred-and-deleted",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", "undertaker"),
            change("2025-01-10 10:00", "is_deleted", "true"),
            owner_id="last-owner",
        ),
        moves="""
            movement_date  bucket   rep_id      deal_count
            2025-01-06     new      last-owner  1
            2025-01-10     deleted  last-owner  -1
        """,
    ),
    scenario(
        "a rep changes team: the deals of the day go along, and the days before stay with the old",
        deal(
            "moving-along",
            "2025-01-06 09:00",
            change("2025-02-28 09:00", "amount", "1200"),
            owner_id="mover",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        teams={"mover": {"": "North", "2025-02-10 09:00": "South"}},
        states="""
            rep_id  team   amount  from_date   until_date
            mover   North  1000    2025-01-06  2025-02-28
            mover   South  1200    2025-02-28  2025-04-01
            mover   South  1200    2025-04-01  2025-06-01
        """,
        moves="""
            movement_date  bucket           rep_id  team   deal_count  amount
            2025-01-06     new              mover   North  1           1000
            2025-02-28     increased        mover   North  0           200
            2025-02-28     transferred_in   mover   South  1           1200
            2025-02-28     transferred_out  mover   North  -1          -1200
        """,
    ),
    scenario(
        "of two exports of one day the later one tells the team of its end",
        deal("twice-told", "2025-05-06 09:00", owner_id="restless"),
        loads=["2025-05-08 20:00", "2025-05-10 08:00", "2025-05-10 20:00", EXPORT],
        teams={"restless": {"": "North", "2025-05-10 07:00": "East", "2025-05-10 12:00": "South"}},
        states="""
            team   from_date   until_date
            North  2025-05-06  2025-05-10
            South  2025-05-10  2025-06-01
        """,
    ),
    scenario(
        "a rep loses the team, and a rep whom no export knows has none",
        deal("teamless", "2025-05-06 09:00", owner_id="loner"),
        deal("unknown-rep", "2025-05-06 09:00", owner_id="stranger"),
        loads=["2025-05-10 20:00", EXPORT],
        teams={"loner": {"": "North", "2025-05-20 09:00": None}},
        states="""
            opportunity_id  team   from_date   until_date
            teamless        North  2025-05-06  2025-05-31
            teamless        -      2025-05-31  2025-06-01
            unknown-rep     -      2025-05-06  2025-06-01
        """,
    ),
    scenario(
        "a deal without an owner is unassigned, not absent",
        deal(
            "orphan",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", "finder"),
            owner_id=None,
        ),
        states="""
            rep_id      from_date
            unassigned  2025-01-06
            finder      2025-01-10
            finder      2025-04-01
        """,
        moves="""
            movement_date  bucket           rep_id      amount
            2025-01-06     new              unassigned  1000
            2025-01-10     transferred_in   finder      1000
            2025-01-10     transferred_out  unassigned  -1000
        """,
    ),
    scenario(
        "an account's segment counts from the export that tells it; before, the first one's word",
        deal(
            "resegmented",
            "2025-01-06 09:00",
            segments={"2000-01-01": "Silver", "2025-02-15": "Gold"},
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        states="""
            segment_id  from_date   until_date
            Silver      2025-01-06  2025-02-28
            Gold        2025-02-28  2025-04-01
            Gold        2025-04-01  2025-06-01
        """,
        visits="""
            stage_id       segment_id  segment_id_current
            qualification  Gold        Gold
        """,
        moves="""
            movement_date  bucket           segment_id  deal_count  amount
            2025-01-06     new              Silver      1           1000
            2025-02-28     resegmented_in   Gold        1           1000
            2025-02-28     resegmented_out  Silver      -1          -1000
        """,
    ),
    scenario(
        "a visit that ended before its account changed segment keeps the segment of its end",
        deal(
            "visited-in-silver",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "discovery"),
            segments={"2000-01-01": "Silver", "2025-02-15": "Gold"},
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        visits="""
            stage_id       segment_id  segment_id_current
            qualification  Silver      Gold
            discovery      Gold        Gold
        """,
    ),
    scenario(
        "handed to nobody before it was lost: the visit ended without a rep",
        deal(
            "abandoned",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", None),
            change("2025-01-20 09:00", "stage", "closed_lost"),
        ),
        visits="""
            stage_id       rep_id
            qualification  -
        """,
    ),
    scenario(
        "born after its account changed segment twice: it never had the old ones",
        deal(
            "born-golden",
            "2025-03-10 09:00",
            segments={"2000-01-01": "Bronze", "2025-01-15": "Silver", "2025-02-15": "Gold"},
        ),
        loads=["2024-12-31 20:00", "2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            version_no  segment_id  state  valid_from        valid_to
            1           Gold        open   2025-03-10T09:00  -
        """,
        moves="""
            movement_date  bucket  segment_id
            2025-03-10     new     Gold
        """,
    ),
    scenario(
        "born between two changes of its account's segment: it starts in the middle",
        deal(
            "born-silver",
            "2025-02-10 09:00",
            segments={"2000-01-01": "Bronze", "2025-01-15": "Silver", "2025-02-15": "Gold"},
        ),
        loads=["2024-12-31 20:00", "2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        versions="""
            version_no  segment_id  valid_from        valid_to          known_at
            1           Silver      2025-02-10T09:00  2025-02-28T20:00  2025-02-28T20:00
            2           Gold        2025-02-28T20:00  -                 2025-02-28T20:00
        """,
    ),
    scenario(
        "an account without a segment, a deal without an origin: unknown, and counted",
        deal("nameless", "2025-01-06 09:00", segments={"2000-01-01": None}, lead_source=None),
        states="""
            segment_id  origin
            -           unknown
            -           unknown
        """,
        moves="""
            bucket  segment_id  origin
            new     -           unknown
        """,
    ),
    scenario(
        "reopened by another rep: it comes back where it was, and then changes hands",
        deal(
            "reopened-by-another",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "stage", "closed_lost"),
            change("2025-01-20 09:00", "owner_id", "second-chance"),
            change("2025-01-20 09:00", "stage", "proposal"),
            owner_id="first-chance",
        ),
        moves="""
            movement_date  bucket           rep_id         deal_count
            2025-01-06     new              first-chance   1
            2025-01-10     lost             first-chance   -1
            2025-01-20     reopened         first-chance   1
            2025-01-20     transferred_in   second-chance  1
            2025-01-20     transferred_out  first-chance   -1
        """,
    ),
    scenario(
        "handed over and merged on one day: it is gone before it changes hands",
        deal(
            "transferred-and-merged",
            "2025-01-06 09:00",
            change("2025-01-10 09:00", "owner_id", "heir"),
            change("2025-01-10 10:00", "merged_into_id", "transferred"),
            owner_id="testator",
        ),
        moves="""
            movement_date  bucket  rep_id    deal_count
            2025-01-06     new     testator  1
            2025-01-10     merged  testator  -1
        """,
    ),
    scenario(
        "its rep's new team is told on the day it is reopened: back in the old team, then along",
        deal(
            "reopened-elsewhere",
            "2025-01-06 09:00",
            change("2025-02-10 09:00", "stage", "closed_lost"),
            change("2025-02-28 09:00", "stage", "proposal"),
            owner_id="promoted",
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        teams={"promoted": {"": "North", "2025-02-20 09:00": "South"}},
        moves="""
            movement_date  bucket           rep_id    team   deal_count
            2025-01-06     new              promoted  North  1
            2025-02-10     lost             promoted  North  -1
            2025-02-28     reopened         promoted  North  1
            2025-02-28     transferred_in   promoted  South  1
            2025-02-28     transferred_out  promoted  North  -1
        """,
    ),
    scenario(
        "handed over on the day its account changes segment: first hands, then the segment",
        deal(
            "handed-and-resegmented",
            "2025-01-06 09:00",
            change("2025-02-28 09:00", "owner_id", "taker"),
            owner_id="giver",
            segments={EVER: "Gold", "2025-02-10 09:00": "Silver"},
        ),
        loads=["2025-01-31 20:00", "2025-02-28 20:00", EXPORT],
        moves="""
            movement_date  bucket           rep_id  segment_id  deal_count
            2025-01-06     new              giver   Gold        1
            2025-02-28     resegmented_in   taker   Silver      1
            2025-02-28     resegmented_out  taker   Gold        -1
            2025-02-28     transferred_in   taker   Gold        1
            2025-02-28     transferred_out  giver   Gold        -1
        """,
    ),
    scenario(
        "a rep whom only a later export knows has no team yet",
        deal("hired-later", "2025-03-06 09:00", owner_id="newcomer"),
        loads=["2025-03-20 20:00", "2025-04-30 20:00"],
        day=date(2025, 3, 31),
        teams={"newcomer": {"2025-04-10 09:00": "South"}},
        states="""
            team  from_date   until_date
            -     2025-03-06  2025-04-01
        """,
    ),
]
