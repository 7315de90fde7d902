"""A CRM in miniature: lives of deals, and the rows that its exports would bring to the lake.

Instants are UTC. Fields carry the CRM's own names and hold text, as an export does; None is empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Row = dict[str, str | int | None]
EVER = "2000-01-01"
CLOSED = {"closed_won", "closed_lost", "disqualified"}
BORN_WITH: Mapping[str, str | None] = {
    "stage": "qualification",
    "amount": "1000.00",
    "currency": "EUR",
    "probability": "10",
    "close_date": "2025-06-30",
    "forecast_category": "pipeline",
    "is_deleted": "false",
    "merged_into_id": None,
}


@dataclass(frozen=True)
class Change:
    """One field takes a value at an instant; `learnt`: when it was typed in, if later."""

    at: datetime
    field: str
    value: str | None
    learnt: datetime | None = None

    @property
    def entered_at(self) -> datetime:
        """When the CRM has it."""
        return self.learnt or self.at


@dataclass(frozen=True)
class Deal:
    """An opportunity's life. Of changes at one instant, the one listed last came last.

    log: "whole" (a row for each field's first value too), "changes" (only what changed), "none".
    untracked: fields that the log says nothing of.
    gone: [from, to) when the source does not deliver the deal; to = None: for ever.
    keeps_closed_at: the record still shows when it was closed after it was reopened.
    log_writes: values that the log writes otherwise than the record: value -> text.
    segments: what its account's segment is from which instant on; the first counts from ever.
    """

    deal_id: str
    created_at: datetime
    born_with: Mapping[str, str | None]
    changes: Sequence[Change] = ()
    log: str = "whole"
    gone: tuple[datetime, datetime | None] | None = None
    segments: Sequence[tuple[datetime, str | None]] = ((datetime(2000, 1, 1), "Gold"),)  # noqa: DTZ001
    lead_source: str | None = "web"
    untracked: Sequence[str] = ()
    keeps_closed_at: bool = False
    log_writes: Mapping[str, str] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        """The deal's own account."""
        return f"account-of-{self.deal_id}"

    def values(self, entered_by: datetime) -> dict[str, str | None]:
        """What the CRM shows at an instant: what was entered by then, in the order of effect."""
        return self._value_before(None, entered_by)

    def is_gone(self, at: datetime) -> bool:
        """Whether an export of that instant lacks the deal."""
        return bool(self.gone and self.gone[0] <= at and (not self.gone[1] or at < self.gone[1]))

    def segment(self, at: datetime) -> str | None:
        """The segment of its account at an instant."""
        told = [segment for since, segment in self.segments if since <= at]
        return (told or [self.segments[0][1]])[-1]

    def in_order(self) -> list[tuple[int, Change]]:
        """(sequence, change) in the order in which they take effect."""
        numbered = enumerate(self.changes, start=1000)
        return sorted(numbered, key=lambda item: (max(item[1].at, self.created_at), item[0]))

    def _value_before(self, sequence: int | None, entered_by: datetime) -> dict[str, str | None]:
        values = dict(self.born_with)
        for number, change in self.in_order():
            if number == sequence:
                break
            if change.entered_at <= entered_by:
                values[change.field] = change.value
        return values

    def log_rows(self) -> list[Row]:
        """The CRM's audit log of the deal, entered_at included, in any order."""
        rows: list[Row] = []
        if self.log == "whole":
            for number, (name, value) in enumerate(self.born_with.items()):
                rows.append(self._log_row(number, name, None, value, self.created_at))
        if self.log != "none":
            for number, change in self.in_order():
                before = self._value_before(number, change.entered_at)[change.field]
                row = self._log_row(number, change.field, before, change.value, change.at)
                rows.append({**row, "entered_at": _text(max(change.entered_at, self.created_at))})
        return [row for row in rows if row["field"] not in self.untracked]

    def _log_row(
        self, number: int, name: str, before: str | None, value: str | None, at: datetime
    ) -> Row:
        return {
            "id": f"{self.deal_id}/{number}",
            "opportunity_id": self.deal_id,
            "sequence": number,
            "field": name,
            "old_value": self.log_writes.get(before or "", before),
            "new_value": self.log_writes.get(value or "", value),
            "changed_at": _text(at),
            "entered_at": _text(at),
        }


def deal(
    deal_id: str,
    created_at: str,
    *changes: Change,
    log: str = "whole",
    gone: tuple[str, str | None] | None = None,
    segments: Mapping[str, str | None] | None = None,
    lead_source: str | None = "web",
    untracked: Sequence[str] = (),
    keeps_closed_at: bool = False,
    log_writes: Mapping[str, str] | None = None,
    **born_with: str | None,
) -> Deal:
    """A deal, instants as text, its first values as keywords; its own rep unless one is given."""
    return Deal(
        deal_id,
        instant(created_at),
        {**BORN_WITH, "owner_id": f"rep-of-{deal_id}", **born_with},
        changes,
        log,
        gone and (instant(gone[0]), instant(gone[1]) if gone[1] else None),
        [(instant(since), name) for since, name in (segments or {EVER: "Gold"}).items()],
        lead_source,
        untracked,
        keeps_closed_at,
        log_writes or {},
    )


def change(at: str, name: str, value: str | None, learnt: str | None = None) -> Change:
    """A change, instants as text."""
    return Change(instant(at), name, value, instant(learnt) if learnt else None)


def instant(text: str) -> datetime:
    """An instant written `2025-03-31 09:00`."""
    return datetime.fromisoformat(text)


def lake(deals: Sequence[Deal], loads: Sequence[datetime]) -> dict[str, list[Row]]:
    """The rows that exports at the instants of `loads` bring: what is new or changed each time.

    Accounts are older than their deals, so every export holds them.
    """
    tables: dict[str, list[Row]] = {"accounts": [], "opportunities": [], "opportunity_changes": []}
    for one in deals:
        shown: dict[str, Row | None] = {}
        for load in sorted(loads):
            delivered = {"accounts": _account(one, load)}
            if one.created_at <= load:
                delivered["opportunities"] = _record(one, load)
            for table, row in delivered.items():
                if row != shown.get(table):
                    tables[table].append(
                        _landed(row or shown[table] or {}, load, is_gone=row is None)
                    )
                    shown[table] = row
        for row in one.log_rows():
            entered = instant(str(row["entered_at"]))
            landed = min((load for load in loads if load >= entered), default=None)
            if landed is not None:
                tables["opportunity_changes"].append(_landed(row, landed))
    return tables


def _account(one: Deal, load: datetime) -> Row | None:
    return {"id": one.account_id, "segment": one.segment(load), "created_at": EVER}


def _record(one: Deal, load: datetime) -> Row | None:
    if one.is_gone(load):
        return None
    values = one.values(load)
    moves = [c for _, c in one.in_order() if c.field == "stage" and c.entered_at <= load]
    closings = [c.at for c in moves if c.value in CLOSED] if one.keeps_closed_at else []
    if values["stage"] in CLOSED:
        closings = [max([one.created_at, *(c.at for c in moves[-1:])])]
    closed_at = closings[-1] if closings else None
    return {
        "id": one.deal_id,
        "account_id": one.account_id,
        "lead_source": one.lead_source,
        "created_at": _text(one.created_at),
        "closed_at": _text(closed_at) if closed_at else None,
        **values,
    }


def _landed(row: Row, load: datetime, is_gone: bool = False) -> Row:
    stamp: Row = {"_extracted_at": _text(load), "_op": "delete" if is_gone else "upsert"}
    return {**row, "_key": row["id"], "_row_number": 1, **stamp}


def _text(at: datetime) -> str:
    return at.isoformat(" ")
