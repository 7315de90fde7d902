"""How the marketing tool exports its tables: small ones as CSV, events as Parquet."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

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
    numbers,
    texts,
)
from ingest.demo.draws import DAY, HOUR, NEVER, NONE, Ints
from ingest.demo.engagement import (
    EMAIL_TYPES,
    PAGES,
    CampaignDays,
    EmailEvents,
    PageVisits,
    QuoteViews,
)
from ingest.demo.plan import CHANNELS, CURRENCIES, SEGMENTS
from ingest.demo.world import Campaigns

HOME = ZoneInfo("America/New_York")


def _local(instant: Ints) -> Ints:
    """Seconds on the wall clock of New York, where the tool stands."""
    offsets = [datetime.fromtimestamp(int(at), UTC).astimezone(HOME).utcoffset() for at in instant]
    return instant + np.array(
        [0 if it is None else int(it.total_seconds()) for it in offsets], dtype=np.int64
    )


def campaigns_export(campaigns: Campaigns) -> Export:
    """Campaigns; the last day of one that runs is not known yet."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        ended = campaigns.ended_on[row]
        is_over = ended * DAY < until
        return {
            "id": ids("CAM", row),
            "name": texts(
                "{0} || ' wave ' || {1}",
                labels(CHANNELS, campaigns.channel[row]),
                numbers(row % 7 + 1),
            ),
            "channel": labels(CHANNELS, campaigns.channel[row]),
            "target_segment": labels(SEGMENTS, campaigns.segment[row]),
            "budget": decimals(campaigns.budget[row] * 100),
            "created_at": instants(_local(campaigns.created_at[row])),
            "started_on": days(campaigns.started_on[row]),
            "ended_on": days(np.where(is_over, ended, NEVER)),
        }

    return Export("campaigns", everything(campaigns.created_at), view)


def campaign_days_export(spend: CampaignDays) -> Export:
    """Spend is closed at six the next morning."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "campaign_id": ids("CAM", spend.campaign[row]),
            "day": days(spend.day[row]),
            "spend": decimals(spend.cents[row]),
            "currency": labels(CURRENCIES, spend.currency[row]),
            "impressions": numbers(spend.impressions[row]),
            "clicks": numbers(spend.clicks[row]),
        }

    return Export("campaign_days", by_instants((spend.day + 1) * DAY + 6 * HOUR), view)


def page_visits_export(visits: PageVisits) -> Export:
    """Visits; a visitor's earlier visits are exported again once he is known."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        return {
            "id": ids("VIS", row),
            "visitor_id": ids("CK", visits.visitor[row]),
            "lead_id": ids("LEA", known(visits.lead[row], visits.identified_at[row], until, NONE)),
            "campaign_id": ids("CAM", visits.campaign[row]),
            "page": labels(PAGES, visits.page[row]),
            "is_bot": flags(visits.is_bot[row]),
            "visited_at": instants(visits.visited_at[row]),
        }

    return Export("page_visits", by_instants(visits.visited_at, visits.identified_at), view)


def email_events_export(events: EmailEvents) -> Export:
    """E-mail events; they do not change."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "id": ids("EVT", row),
            "campaign_id": ids("CAM", events.campaign[row]),
            "contact_id": ids("CON", events.contact[row]),
            "type": labels(EMAIL_TYPES, events.type[row]),
            "occurred_at": instants(events.occurred_at[row]),
        }

    return Export("email_events", by_instants(events.occurred_at), view)


def quote_views_export(views: QuoteViews) -> Export:
    """Openings of quotes; they do not change."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "id": ids("QVW", row),
            "quote_id": ids("QUO", views.quote[row]),
            "seconds": numbers(views.seconds[row]),
            "viewed_at": instants(views.viewed_at[row]),
        }

    return Export("quote_views", by_instants(views.viewed_at), view)
