"""The book as it stood after each evaluation, for who asks again what was known on an older day."""

import json
from dataclasses import replace
from datetime import datetime

from expectations.alerts.book import Book
from expectations.alerts.entries import Alert, all_alerts, entry_values, read_entry
from expectations.alerts.instants import kept


def keep_past(book: Book, as_of: datetime) -> None:
    """Keep all entries as they stand after this evaluation; a repeated one replaces them.

    Without the details that only messages show. Within a transaction of the caller.
    """
    book.connection.execute("delete from past where as_of = ?", (kept(as_of),))
    book.connection.executemany(
        "insert into past values (?, ?, ?)",
        [
            (kept(as_of), key, json.dumps(entry_values(_bare(alert))))
            for key, alert in all_alerts(book).items()
        ],
    )


def alerts_known_at(book: Book, as_of: datetime) -> dict[str, Alert]:
    """Every entry by its fingerprint, as known at an as_of instant (UTC, exclusive).

    For the newest evaluation and later that is the book as it is, with what people have decided
    since; before, the book as the last evaluation up to then has left it. None before the first.
    """
    newest, then = (row["as_of"] for row in book.rows(_NEWEST_AND_THEN, (kept(as_of),)))
    if then == newest:
        return all_alerts(book)
    rows = book.rows("select entry from past where as_of = ? order by fingerprint", (then,))
    found = [read_entry(json.loads(row["entry"])) for row in rows]
    return {alert.fingerprint: alert for alert in found}


_NEWEST_AND_THEN = """
select max(as_of) as as_of from evaluations
union all
select max(as_of) from evaluations where as_of <= ?
"""


def _bare(alert: Alert) -> Alert:
    return replace(
        alert, seen=replace(alert.seen, trend=None, rows_query="", remedy="", record_ids=())
    )
