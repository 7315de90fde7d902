"""Items of an API as the lines of a delivery: members as text, by the paths that are declared."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.http_answers import AnswerError, pick
from ingest.http_client import Item
from ingest.json_files import as_text
from ingest.tables import Table


def write_items(table: Table, items: Iterable[Item], path: Path) -> tuple[int, int]:
    """Write one JSON line per item; return how many there are, and how many keys.

    AnswerError when no item at all has a member that is declared: it was renamed, or we may no
    longer see it.
    """
    count = 0
    keys: set[Any] = set()
    given: set[str] = set()
    # No name and no instant in the head of the file: the same items are the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for item in items:
            row = _row(table, item, given)
            count += 1
            keys.add(tuple(row[key] for key in table.keys) if table.keys else count)
            file.write(json.dumps(row).encode() + b"\n")
    missing = [column.name for column in table.columns if column.name not in given]
    if count and missing and not table.terms.endpoint.omits_empty:
        raise AnswerError(
            f"none of {count} items has {', '.join(map(repr, missing))}, as {table} declares"
        )
    return count, len(keys)


def _row(table: Table, item: Item, given: set[str]) -> dict[str, str | None]:
    """The declared members, then what else there is: that goes into _extra and is told."""
    row: dict[str, str | None] = {}
    for column in table.columns:
        try:
            row[column.name] = _text(pick(item, column.path or column.name))
            given.add(column.name)
        except KeyError:
            row[column.name] = None
    for name, member in _others(table, item):
        row.setdefault(name, _text(member))
    return row


def _text(member: Any) -> str | None:
    """What no text can hold is handed on as it is: the door quarantines it with its reason."""
    try:
        return as_text(member)
    except ValueError:
        return member if isinstance(member, str) else json.dumps(member)


def _others(table: Table, item: Item) -> Iterable[tuple[str, Any]]:
    paths = {column.path or column.name for column in table.columns}
    roots = {path.partition(".")[0] for path in paths if "." in path}
    for name, member in item.items():
        if name in paths:
            continue
        if name in roots and isinstance(member, dict):
            inner = ((f"{name}.{key}", value) for key, value in member.items())
            yield from ((path, value) for path, value in inner if not _is_used(path, paths))
        else:
            yield name, member


def _is_used(path: str, paths: set[str]) -> bool:
    return any(one == path or one.startswith(f"{path}.") for one in paths)
