"""Salesforce: an object as declared, in SOQL.

`endpoint.object` names the object, a column's `path` its field. queryAll also gives what lies in
the bin (IsDeleted); its total counts it too.
"""

from collections.abc import Iterator
from datetime import datetime

from ingest.cursors import Reach, Wanted
from ingest.http_answers import AnswerError
from ingest.http_client import Client, Item
from ingest.rest_terms import Endpoint
from ingest.tables import Table

DATA = "/services/data/v62.0"
PAGING = {"kind": "next_link", "path": "nextRecordsUrl"}


def read_salesforce(client: Client, wanted: Wanted) -> Iterator[Item]:
    """All records of an object, or those that were changed since."""
    if wanted.table.terms.mode == "incremental":
        _refuse_formulas(client, wanted.table)
    endpoint = Endpoint(
        path=f"{DATA}/queryAll", selector="records", total="totalSize", paginator=PAGING
    )
    return client.items(endpoint, {"q": soql(wanted)}, {})


def soql(wanted: Wanted) -> str:
    """The query: declared fields only. Instants stand without quotes, in UTC."""
    table = wanted.table
    fields = ", ".join(column.path or column.name for column in table.columns)
    query = f"select {fields} from {table.terms.endpoint.object}"
    if wanted.reach is None:
        return query
    cursor = table.column(table.terms.cursor)
    return f"{query} where {cursor.path or cursor.name} >= {_literal(wanted.reach)}"


def _literal(reach: Reach) -> str:
    """A day or a number stands as it is, an instant with its zone."""
    if not isinstance(reach.value, datetime):
        return str(reach.value)
    return reach.as_utc().replace(" ", "T")[: len("2025-01-31T12:00:00")] + "Z"


def _refuse_formulas(client: Client, table: Table) -> None:
    """The value of a formula changes without the record's timestamp: no increment would see it."""
    described = client.get(f"{DATA}/sobjects/{table.terms.endpoint.object}/describe")
    calculated = {field["name"] for field in described["fields"] if field.get("calculated")}
    formulas = [c.name for c in table.columns if (c.path or c.name) in calculated]
    if formulas:
        raise AnswerError(
            f"{', '.join(formulas)} is a formula: it changes without a new timestamp, so that an"
            " increment would miss it; declare `mode: full`, or take it out"
        )
