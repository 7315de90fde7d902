"""Since when records have been there and in their stages: what their present values do not say."""

from collections.abc import Iterable, Mapping

from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk.stages import Stage
from expectations.entities import SCHEMA
from expectations.sql import text_list, text_literal

_VERSIONS = f"{SCHEMA}.int_opportunities_versioned"
_LOADED = f"{SCHEMA}.int_record_values_loaded"

# What a rule asks of stages: required_from, required_in.
Asked = tuple[str | None, tuple[str, ...]]


def asked_of(rule: MandatoryField) -> Asked | None:
    """What the rule asks of stages; None where it asks nothing."""
    return (rule.required_from, rule.required_in) if _asks(rule) else None


def reached_columns(rules: Iterable[MandatoryField]) -> dict[Asked, str]:
    """Each thing asked of stages -> the column that says since when it has been so."""
    asked = dict.fromkeys(filter(None, map(asked_of, rules)))
    return {each: f"reached_{number}" for number, each in enumerate(asked, 1)}


def deals_query(columns: Mapping[Asked, str], stages: Mapping[str, Stage]) -> str:
    """A select of born_of (the deal), born_at and the columns: an instant, NULL where it is not so.

    required_from: the first instant at which the deal ever stood in that stage or a later one.
    required_in: the beginning of the spell of those stages in which it still is.
    """
    selected = [f"{_reached(asked, stages)} as {column}" for asked, column in columns.items()]
    named = ["opportunity_id as born_of", "min(valid_from) as born_at", *selected]
    return f"select {', '.join(named)} from {_VERSIONS} group by opportunity_id"


def births_query(entity: str) -> str:
    """A select of born_of (the record) and born_at, for an entity known by its loads.

    A record is born when its source says; where it does not, when it was first delivered.
    """
    return (
        f"select record_id as born_of, min(born_at) as born_at from {_LOADED}"
        f" where entity = {text_literal(entity)} group by record_id"
    )


def _asks(rule: MandatoryField) -> bool:
    return bool(rule.required_from or rule.required_in)


def _reached(asked: Asked, stages: Mapping[str, Stage]) -> str:
    required_from, required_in = asked
    if required_from is None:
        # Out of the spell since the end of the last version outside; that version has no end where
        # the deal is outside now.
        outside = f"coalesce(stage_id not in {text_list(required_in)}, true)"
        return (
            f"case when not bool_or({outside} and valid_to is null)"
            f" then coalesce(max(valid_to) filter (where {outside}), min(valid_from)) end"
        )
    # Being lost or dormant is not being further on: who loses a deal early never owed what is
    # asked later.
    first = stages[required_from].position
    further = [stage for stage in stages.values() if stage.is_open or stage.is_won]
    later = [stage.stage_id for stage in further if stage.position >= first]
    reaching = sorted({required_from, *later})
    return f"min(valid_from) filter (where stage_id in {text_list(reaching)})"
