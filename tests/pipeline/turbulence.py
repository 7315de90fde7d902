"""A company in which everything happens to a deal around the ends of one window, two by two."""

from datetime import date, datetime, time, timedelta
from itertools import product

from tests.pipeline.crm import Change, Deal, deal
from tests.pipeline.desk import PLAN_RATES
from tests.pipeline.lives import Company
from tests.pipeline.reference import World
from tests.pipeline.teams import Teams, ever

# A fiscal year begins within the window: dollars change their rate, pounds lose it.
FIRST, LAST = date(2025, 3, 28), date(2025, 4, 4)
KINDS: dict[str, tuple[str, str | None]] = {
    "won": ("stage", "closed_won"),
    "lost": ("stage", "closed_lost"),
    "open": ("stage", "proposal"),
    "deleted": ("is_deleted", "true"),
    "restored": ("is_deleted", "false"),
    "merged": ("merged_into_id", "other"),
    "apart": ("merged_into_id", None),
    "handed": ("owner_id", "bob"),
    "left": ("owner_id", "cyd"),
    "raised": ("amount", "1234.50"),
    "emptied": ("amount", None),
    "pounds": ("currency", "GBP"),
    "francs": ("currency", "CHF"),
    "dollars": ("currency", "USD"),
    "later": ("close_date", "2025-08-31"),
    "earlier": ("close_date", "2025-05-01"),
    "undated": ("close_date", None),
}
PAIRED = [kind for kind in KINDS if kind != "apart"]
# Days, from FIRST on, of the two changes; LAST is day 7.
DAYS = ((-5, 3), (0, 7), (1, 8), (2, 7))
# What takes three: turned round on FIRST while closed, then reopened; merged, and apart again.
OF_THREE = (
    [(-5, "lost"), (0, "won"), (3, "open")],
    [(-5, "won"), (0, "lost"), (3, "open")],
    [(-5, "merged"), (3, "apart")],
    [(-5, "merged"), (2, "handed"), (3, "apart")],
)
WINDOWS = ((FIRST, LAST), (FIRST, FIRST + timedelta(days=1)), (LAST, LAST + timedelta(days=1)))


def turbulent() -> Company:
    """Every pair of kinds of change, at each pair of days; segments change with the exports."""
    found = []
    for number, ((one, two), (early, late)) in enumerate(
        product(product(PAIRED, PAIRED), DAYS), start=1
    ):
        if one != two:
            found.append(_deal(f"{number}-{one}-{two}", [(early, one), (late, two)], number))
    found += [
        _deal(f"of-three-{number}", changes, number) for number, changes in enumerate(OF_THREE)
    ]
    loads = [_at(day, hour=20) for day in range(-20, 12)]
    world = World(loads, LAST + timedelta(days=3), PLAN_RATES, teams=_teams())
    return Company(found, world)


def _deal(name: str, told: list[tuple[int, str]], number: int) -> Deal:
    changes = [Change(_at(day), *KINDS[kind]) for day, kind in told]
    segments = [{"2000-01-01": "Gold"}, {"2000-01-01": None, str(_at(4)): "Silver"}][number % 2]
    return deal(
        name,
        str(_at(-10)),
        *changes,
        segments=segments,
        owner_id=["ann", "bob"][number % 3 == 0],
        currency=["EUR", "USD", "GBP", "CHF"][number % 4],
    )


def _teams() -> Teams:
    bob = [*ever({"bob": "South"})["bob"], (_at(3), "North")]
    return {**ever({"ann": "North"}), "bob": bob, "cyd": [(_at(-20), "South"), (_at(2), None)]}


def _at(day: int, hour: int = 9) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(hour))
