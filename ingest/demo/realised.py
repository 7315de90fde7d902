"""What the finite sample made of the planted parameters, counted off the simulated life.

All counts hold at the last extraction. Money is in EUR at the plan rates, as text with two
decimals; shares are left to the reader, who finds numerator and denominator.
"""

from datetime import date

import numpy as np

from ingest.demo import changelog as log
from ingest.demo.draws import DAY, END, LAST_DAY, NEVER, NONE, Flags, Ints, day_number
from ingest.demo.effort import (
    ADMINISTRATION,
    HELD,
    NO_SHOW,
    TYPES,
    Activities,
)
from ingest.demo.engagement import CampaignDays
from ingest.demo.life import LAST_EXTRACTION, Life, Sales
from ingest.demo.names import NEXT_STEPS
from ingest.demo.plan import (
    CHANNELS,
    HOURLY_COSTS,
    LOST,
    PLAN,
    SEGMENTS,
    STAGES,
    TEAMS,
    TERRITORIES,
    WON,
)
from ingest.demo.steering import CRITERIA, HORIZONS, Objectives, euros, first_invoices
from ingest.demo.truth import Truth

MEANING = {
    "forecast_bias": "stated probabilities and forecast submissions = truth x bias x noise; "
    "amounts carry no bias",
    "overstay_win_factor": "a visit longer than overstay_after x expected_days loses the deal at "
    "its end with the chance 1 - factor, whatever else happens",
    "lost_for_channel": "chance that a deal of the channel is lost at the end of its first visit",
    "attaining_share": "share of rep-months whose target is reached; revenue = invoices less "
    "credit notes by rep and month of their own date, EUR at plan rates; new_customers = first "
    "invoices; meetings = meetings and demos held, by planned day; only months with the rep in "
    "office throughout",
    "collapse": "next_step and decision_maker as typed at creation and at each stage change",
    "forecasts": "won = amounts of deals won in the month by their owner, EUR at plan rates",
}
Counts = dict[str, int]
COUNTED_FROM = day_number(date(2024, 1, 1))


def tell_truth(life: Life, made_by: dict[str, float | int]) -> Truth:
    """Put the truth together: what was planted, and what came of it."""
    sales, activities = life.sales, life.activities
    n_deals = int((sales.final.values[:, log.STAGE] != NONE).sum())
    planted = {
        **PLAN.as_dict(),
        "forecast_bias": {
            rep_id(rep): int(sales.reps.bias_percent[rep]) / 100
            for rep in np.unique(np.concatenate([sales.seats.first_rep, sales.seats.second_rep]))
        },
        "acquisition_cost_order": ["Gold", "Silver", "Bronze"],
        "best_net_segment": "Silver",
        "meaning": MEANING,
    }
    realised = {
        "stage_win_rates": stage_win_rates(sales),
        "overstay": overstay(sales),
        "channels": channels(sales),
        "forecasts": forecasts(life),
        "segments": segments(life),
        "collapse": collapse(sales),
        "no_shows": no_shows(activities),
        "attainment": attainment(life.objectives),
        "time": time_spent(activities),
    }
    return Truth({**made_by, "opportunities": n_deals}, planted, realised)


def rep_id(rep: int) -> str:
    """The CRM's key of a rep."""
    return f"REP{rep + 1:07d}"


def money(cents: int) -> str:
    """Cents as text with two decimals."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def _resolved(sales: Sales) -> tuple[Flags, Flags]:
    """By deal: closed and not in the bin; and won."""
    stage, binned = sales.final.values[:, log.STAGE], sales.final.values[:, log.IS_DELETED]
    kept = binned == 0
    return ((stage == WON) | (stage == LOST)) & kept, (stage == WON) & kept


def stage_win_rates(sales: Sales) -> dict[str, Counts]:
    """Closed deals (not binned) that ever entered the stage, and those of them now won."""
    closed, won = _resolved(sales)
    changes = sales.changes
    seen = (changes.name == log.STAGE) & (changes.entered_at < LAST_EXTRACTION)
    told = {}
    for stage in range(4):
        entered = np.unique(changes.deal[seen & (changes.new == stage)])
        told[STAGES[stage]] = {
            "entered": int(closed[entered].sum()),
            "won": int(won[entered].sum()),
        }
    return told


def overstay(sales: Sales) -> dict[str, dict[str, Counts]]:
    """Visits of closed deals by stage: longer than 1.5 times the expected days, or not."""
    closed, won = _resolved(sales)
    visits = sales.visits
    told = {}
    for stage in range(4):
        told[STAGES[stage]] = {
            name: {
                "visits": int((rows := chosen & closed[visits.deal]).sum()),
                "won": int(won[visits.deal[rows]].sum()),
            }
            for name, chosen in (
                ("overstaying", (visits.stage == stage) & visits.is_overstay),
                ("in_time", (visits.stage == stage) & ~visits.is_overstay),
            )
        }
    return told


def channels(sales: Sales) -> dict[str, Counts]:
    """Leads by stated source (merged ones left out), those converted, those won."""
    leads, won = sales.leads, _resolved(sales)[1]
    counted = (leads.created_at < LAST_EXTRACTION) & ~(leads.merged_at < LAST_EXTRACTION)
    converted = counted & (leads.converted_at < LAST_EXTRACTION)
    told = {}
    for code, name in ((NONE, "unknown"), *enumerate(CHANNELS)):
        of_it = leads.source == code
        told[name] = {
            "leads": int((counted & of_it).sum()),
            "converted": int((converted & of_it).sum()),
            "won": int(won[leads.deal[converted & of_it]].sum()),
        }
    return told


def forecasts(life: Life) -> dict[str, dict[str, dict[str, str]]]:
    """By rep and horizon: sum of what was stated, and of what was won in those months."""
    handed_in = life.forecasts
    known = handed_in.submitted_at < LAST_EXTRACTION
    told: dict[str, dict[str, dict[str, str]]] = {}
    for rep in np.unique(handed_in.rep):
        told[rep_id(int(rep))] = {}
        for horizon in HORIZONS:
            rows = known & (handed_in.rep == rep) & (handed_in.horizon == horizon)
            won = life.won_cents[rep, handed_in.month[rows]]
            told[rep_id(int(rep))][f"{horizon}_days"] = {
                "stated": money(int(handed_in.cents[rows].sum())),
                "won": money(int(won.sum())),
            }
    return told


def segments(life: Life) -> dict[str, dict[str, str | int]]:
    """By segment: marketing spend aimed at it, the reps' time, first-time customers, margin.

    Everything from 2024-01-01 on: first invoices of 2023 cannot be told from those of regular
    customers. `margin` leaves out lines whose cost is not known and credit notes; `net` is
    `margin` less acquisition cost.
    """
    accounts = life.sales.accounts
    told: dict[str, dict[str, str | int]] = {}
    spend = _spend_by_segment(life)
    effort = _effort_by_segment(life)
    invoiced, margin = _margin_by_segment(life)
    customer, _, first_day = first_invoices(life.billing)
    is_new = first_day >= COUNTED_FROM
    for code, name in enumerate(SEGMENTS):
        told[name] = {
            "marketing_spend": money(int(spend[code])),
            "effort_cost": money(int(effort[code])),
            "first_time_customers": int((accounts.segment[customer[is_new]] == code).sum()),
            "invoiced": money(int(invoiced[code])),
            "margin": money(int(margin[code])),
            "net": money(int(margin[code] - spend[code] - effort[code])),
        }
    return told


def _sum_by(code: Ints, value: Ints, size: int) -> Ints:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, code, value)
    return total


def _spend_by_segment(life: Life) -> Ints:
    days: CampaignDays = life.campaign_days
    segment = life.sales.campaigns.segment[days.campaign]
    # The last day's spend is closed the next morning, after the last extraction.
    kept = (segment >= 0) & (days.day >= COUNTED_FROM) & (days.day < LAST_DAY)
    spent = euros(days.cents, days.currency, days.day)
    return _sum_by(segment[kept], spent[kept], len(SEGMENTS))


def _effort_by_segment(life: Life) -> Ints:
    activities, reps = life.activities, life.sales.reps
    hourly = np.array(list(HOURLY_COSTS.values()))[reps.seniority]
    kept = (activities.account >= 0) & (activities.status_at < LAST_EXTRACTION)
    kept &= activities.planned_at >= COUNTED_FROM * DAY
    cost = activities.minutes[kept] * hourly[activities.owner[kept]] * 100 // 60
    segment = life.sales.accounts.segment[activities.account[kept]]
    return _sum_by(segment, cost, len(SEGMENTS))


def _margin_by_segment(life: Life) -> tuple[Ints, Ints]:
    lines, invoices, orders = life.billing.lines, life.billing.invoices, life.billing.orders
    order = invoices.order[lines.invoice]
    day, currency = invoices.issued_on[lines.invoice], orders.currency[order]
    segment = life.sales.accounts.segment[orders.account[order]]
    shown = (day >= COUNTED_FROM) & (day <= LAST_DAY)
    net = euros(lines.cents, currency, day)
    cost = euros(lines.unit_cost * lines.quantity // 100, currency, day)
    costed = shown & (lines.unit_cost >= 0)
    return (
        _sum_by(segment[shown], net[shown], len(SEGMENTS)),
        _sum_by(segment[costed], (net - cost)[costed], len(SEGMENTS)),
    )


def collapse(sales: Sales) -> dict[str, dict[str, Counts]]:
    """Deals by day of creation, in the team and elsewhere: next step filled at once, or not.

    A placeholder is not filled.
    """
    changes, deals = sales.changes, sales.deals
    known = deals.created_at < LAST_EXTRACTION
    filled = np.zeros(len(deals.account), dtype=bool)
    rows = (changes.name == log.NEXT_STEP) & (changes.at == deals.created_at[changes.deal])
    filled[changes.deal[rows]] = changes.new[rows] < len(NEXT_STEPS)
    in_team = sales.seats.team[deals.seat] == TEAMS.index(PLAN.collapse_team)
    first, last = (day * DAY for day in PLAN.collapse_days)
    told: dict[str, dict[str, Counts]] = {}
    for place, members in (("team", in_team), ("others", ~in_team)):
        told[place] = {}
        for name, since, until in (
            ("before", 0, first),
            ("during", first, last),
            ("after", last, END),
        ):
            chosen = members & known & (deals.created_at >= since) & (deals.created_at < until)
            told[place][name] = {
                "created": int(chosen.sum()),
                "filled": int((filled & chosen).sum()),
            }
    return told


def no_shows(activities: Activities) -> dict[str, dict[str, Counts]]:
    """Appointments held, missed, and missed but booked again; by type and by territory."""
    said = activities.status_at < LAST_EXTRACTION
    held = said & (activities.status == HELD) & (activities.territory != NONE)
    missed = said & (activities.status == NO_SHOW)
    again = missed & (activities.rebooked_at < LAST_EXTRACTION)

    def counts(chosen: Flags) -> Counts:
        return {
            "held": int((held & chosen).sum()),
            "no_show": int((missed & chosen).sum()),
            "rebooked": int((again & chosen).sum()),
        }

    kinds = {name: activities.type == TYPES.index(name) for name in PLAN.no_show_by_type}
    appointment = np.logical_or.reduce(list(kinds.values()))
    return {
        "by_type": {name: counts(chosen) for name, chosen in kinds.items()},
        "by_territory": {
            name: counts(appointment & (activities.territory == code))
            for code, name in enumerate(TERRITORIES)
        },
    }


def attainment(objectives: Objectives) -> dict[str, Counts]:
    """Rep-months by criterion, and those that reached the target."""
    told = {}
    for code, name in enumerate(CRITERIA):
        rows = objectives.criterion == code
        reached = rows & (objectives.actual >= objectives.target)
        told[name] = {"rep_months": int(rows.sum()), "attained": int(reached.sum())}
    return told


def time_spent(activities: Activities) -> Counts:
    """Minutes in all and of administration."""
    said = activities.status_at < LAST_EXTRACTION
    paperwork = said & (activities.type == ADMINISTRATION)
    return {
        "minutes": int(activities.minutes[said & (activities.status_at < NEVER)].sum()),
        "administration_minutes": int(activities.minutes[paperwork].sum()),
    }
