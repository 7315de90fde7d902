"""The desk of these tests: rules and waivers as rows, on top of the desk of tests/pipeline."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from tests.pipeline.desk import DESK
from tests.quality.area import Row

PLACEHOLDERS = ("n/a", "-", "test", "0", "1900-01-01")
CLOSED = {"disqualified", "closed_won", "closed_lost"}


@dataclass(frozen=True)
class Rule:
    """One line of mandatory_fields.csv; lists are written a|b|c, None is an empty cell."""

    rule_id: str
    entity: str
    field: str
    record_types: str | None = None
    required_from: str | None = None
    required_in: str | None = None
    since: date | None = None
    until: date | None = None
    grace_days: int = 0
    severity: str = "warn"
    weight: int = 1
    accountable: str = "rep"
    owner: str = "sales_ops"
    min_length: int | None = None
    allowed_values: str | None = None
    min_value: str | None = None
    max_value: str | None = None
    pattern: str | None = None
    comparison: str | None = None
    compared_with: str | None = None
    reason: str = "A reason."


@dataclass(frozen=True)
class Waiver:
    """One line of waivers.csv."""

    waiver_id: str
    rule_id: str
    scope: str
    member: str | None
    since: date | None
    until: date
    reason: str = "A reason."
    granted_by: str = "somebody"


def desk(rules: Sequence[Rule], waivers: Sequence[Waiver] = ()) -> dict[str, list[Row]]:
    """Every seed that the area reads."""
    return {
        **DESK,
        "mandatory_fields": [asdict(rule) for rule in rules],
        "waivers": [asdict(waiver) for waiver in waivers],
        "placeholders": [{"placeholder": text, "note": ""} for text in PLACEHOLDERS],
    }
