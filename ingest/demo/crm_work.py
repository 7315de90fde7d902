"""How the CRM exports the reps' work: quotes, activities, answers, objectives, forecasts."""

import numpy as np

from ingest.demo.births import Deals
from ingest.demo.deliveries import (
    Cell,
    Export,
    by_instants,
    days,
    decimals,
    everything,
    flags,
    ids,
    instants,
    known,
    labels,
    latest,
    numbers,
)
from ingest.demo.draws import DAY, FIRST_DAY, NEVER, NONE, Ints
from ingest.demo.effort import DEMO, MEETING, PLANNED, STATUSES, TYPES, UNSAID, Activities
from ingest.demo.plan import CURRENCIES
from ingest.demo.proposals import (
    ACCEPTED,
    CRITERIA,
    DRAFT,
    REFUSED,
    SENT,
    Answers,
    Quotes,
)
from ingest.demo.proposals import STATUSES as QUOTE_STATUSES
from ingest.demo.steering import CRITERIA as OBJECTIVES
from ingest.demo.steering import WEIGHTS, Forecasts, Objectives, first_days


def quotes_export(quotes: Quotes, deals: Deals) -> Export:
    """Quotes with the status of then; an expired one has no answer."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        created, sent, ended = quotes.created_at[row], quotes.sent_at[row], quotes.ended_at[row]
        unanswered = np.where(sent < until, SENT, DRAFT)
        status = np.where(ended < until, quotes.outcome[row], unanswered)
        is_answered = (status == ACCEPTED) | (status == REFUSED)
        return {
            "id": ids("QUO", row),
            "opportunity_id": ids("OPP", quotes.deal[row]),
            "version": numbers(quotes.version[row]),
            "amount": decimals(quotes.cents[row]),
            "currency": labels(CURRENCIES, deals.currency[quotes.deal[row]]),
            "status": labels(QUOTE_STATUSES, status),
            "sent_at": instants(known(sent, sent, until, NEVER)),
            "answered_at": instants(np.where(is_answered, ended, NEVER)),
            "created_at": instants(created),
            "updated_at": instants(latest(until, created, sent, ended)),
        }

    return Export("quotes", by_instants(quotes.created_at, quotes.sent_at, quotes.ended_at), view)


def activities_export(activities: Activities) -> Export:
    """Activities; an appointment is planned until somebody says what became of it."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        booked, said = activities.booked_at[row], activities.status_at[row]
        rebooked = activities.rebooked_at[row]
        is_appointment = np.isin(activities.type[row], (MEETING, DEMO))
        # Of those on which nobody speaks, half stay planned and half have nothing at all.
        is_blank = (activities.status[row] == UNSAID) & (row % 2 == 0)
        status = known(activities.status[row], said, until, PLANNED)
        return {
            "id": ids("ACT", row),
            "type": labels(TYPES, activities.type[row]),
            "owner_id": ids("REP", activities.owner[row]),
            "account_id": ids("ACC", activities.account[row]),
            "opportunity_id": ids("OPP", activities.deal[row]),
            "contact_id": ids("CON", activities.contact[row]),
            "status": labels(STATUSES, np.where(is_blank, NONE, status)),
            "is_appointment": flags(is_appointment),
            "minutes": numbers(known(activities.minutes[row], said, until, NONE)),
            "moved_to_id": ids("ACT", known(activities.moved_to[row], rebooked, until, NONE)),
            "booked_at": instants(booked),
            "planned_at": instants(activities.planned_at[row]),
            "status_at": instants(known(said, said, until, NEVER)),
            "updated_at": instants(latest(until, booked, said, rebooked)),
        }

    return Export(
        "activities",
        by_instants(activities.booked_at, activities.status_at, activities.rebooked_at),
        view,
    )


def answers_export(answers: Answers) -> Export:
    """Answers to the qualification grid; they do not change."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "id": ids("QUA", row),
            "opportunity_id": ids("OPP", answers.deal[row]),
            "grid_version": labels(("v1", "v2"), answers.is_second_grid[row]),
            "criterion": labels(CRITERIA, answers.criterion[row]),
            "score": numbers(answers.score[row]),
            "answered_by": ids("REP", answers.answered_by[row]),
            "answered_at": instants(answers.answered_at[row]),
        }

    return Export("qualification_answers", by_instants(answers.answered_at), view)


def objectives_export(objectives: Objectives) -> Export:
    """Objectives are set on the first working days before their month."""
    months = first_days()

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "rep_id": ids("REP", objectives.rep[row]),
            "month": days(months[objectives.month[row]]),
            "criterion": labels(OBJECTIVES, objectives.criterion[row]),
            "target": decimals(objectives.target[row]),
            "weight": decimals(np.array(WEIGHTS)[objectives.criterion[row]], 4),
        }

    known_at = np.maximum(months[objectives.month] - 10, FIRST_DAY - 1) * DAY
    return Export("objectives", everything(known_at), view)


def forecasts_export(forecasts: Forecasts) -> Export:
    """Forecasts as they were handed in; they do not change."""
    months = first_days()

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "id": ids("FOR", row),
            "rep_id": ids("REP", forecasts.rep[row]),
            "month": days(months[forecasts.month[row]]),
            "amount": decimals(forecasts.cents[row]),
            "submitted_at": instants(forecasts.submitted_at[row]),
        }

    return Export("forecast_submissions", by_instants(forecasts.submitted_at), view)
