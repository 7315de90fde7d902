"""What the company delivers, by the marts that would else hold rows: the rest cannot be told."""

from collections.abc import Collection, Sequence

from serving.report.blocks import Column, Notice, Text
from serving.report.marts import Marts

# Source -> the mart that is empty without it. A text `missing.<source>` says what cannot be told.
_MARTS = {
    "opportunities": "fct_opportunities",
    "activities": "fct_activities",
    "invoices": "fct_invoices",
    "leads": "fct_leads",
    "campaigns": "mart_campaign_returns",
    "targets": "fct_objectives",
    "reps": "dim_reps",
}


def delivered(marts: Marts) -> frozenset[str]:
    """The sources of which anything ever came."""
    return frozenset(source for source, mart in _MARTS.items() if marts.holds(mart))


def missing(source: str) -> Text:
    """The sentence that it is not delivered, and what cannot be told for want of it."""
    return Text(f"missing.{source}")


def notices(found: Collection[str], sources: Sequence[str]) -> list[Notice]:
    """A notice for each of these that the company does not deliver."""
    return [Notice(missing(source)) for source in sources if source not in found]


def told(found: Collection[str], columns: Sequence[tuple[str, Column]]) -> list[Column]:
    """The columns whose source is delivered; an empty source: always. Else they would say 0."""
    return [column for source, column in columns if not source or source in found]
