"""What one evaluation says about one rule in one scope."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class Observation:
    """One rule in one scope, as an evaluation found it.

    is_bad is None where the rule could not be evaluated: that never opens and never resolves.
    scope: company, team:<name>, rep:<id>. trend: at most 8 points, oldest first, None for a gap.
    record_ids: at most 5, technical keys and no personal data; title: one sentence, likewise.
    remedy: what to do first, where the observation itself knows it; one line.
    happened_at (UTC): of an event, which happens once and does not go on; None for a state. It
    opens at once, and what a person has resolved stays resolved until it happens again.
    """

    family: str
    rule: str
    entity: str
    field: str
    scope: str
    severity: Severity
    is_bad: bool | None
    owner: str
    title: str
    failed_count: int
    evaluated_count: int
    trend: tuple[float | None, ...] | None = None
    since: date | None = None
    money_at_risk: Decimal | None = None
    rows_query: str = ""
    record_ids: tuple[str, ...] = ()
    remedy: str = ""
    happened_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """What makes two observations the same alert: no date, no severity. 16 hex digits."""
        named = json.dumps([self.rule, self.entity, self.field, self.scope])
        return hashlib.sha256(named.encode()).hexdigest()[:16]
