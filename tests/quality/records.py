"""Records of the entities that keep no change log, and the rows that their loads bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.pipeline.crm import Row

Values = Mapping[str, str | None]


@dataclass(frozen=True)
class Record:
    """One record as successive loads show it: (instant of the load, raw values; None = vanished).

    table is the raw table, entity the conformed one; the key is among the values.
    """

    entity: str
    record_id: str
    born_at: datetime
    shown: Sequence[tuple[datetime, Values | None]]


def landed(records: Sequence[Record]) -> dict[str, list[Row]]:
    """Table -> the rows that the loads bring: what is new or changed each time."""
    tables: dict[str, list[Row]] = {}
    for record in records:
        known: Values | None = None
        for load, values in record.shown:
            if values == known or (values is None and known is None):
                continue
            row = dict(values if values is not None else known or {})
            tables.setdefault(record.entity, []).append(
                _row(record.record_id, row, load, is_gone=values is None)
            )
            known = values
    return tables


def _row(record_id: str, values: dict[str, str | None], load: datetime, is_gone: bool) -> Row:
    return {
        "id": record_id,
        **values,
        "_key": record_id,
        "_op": "delete" if is_gone else "upsert",
        "_row_number": 1,
        "_row_hash": "",
        "_load_id": str(load),
        "_source_file": f"{load:%Y%m%dT%H%M%S}",
        "_extracted_at": str(load),
    }
