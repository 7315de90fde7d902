"""HubSpot: objects with their properties, the history of properties, pipelines and owners.

A column's `path` says what is asked for: `properties.<name>`, `associations.<objects>`, or a member
of the object itself. `endpoint.object` names the objects (several: `calls,meetings`),
or one of `deals.history`, `deals.pipelines`, `owners`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ingest.cursors import Wanted
from ingest.http_answers import AnswerError
from ingest.http_client import Client, Item
from ingest.rest_terms import Endpoint
from ingest.tables import Table

PAGING = {"kind": "cursor", "path": "paging.next.after", "param": "after"}
SEARCH_PAGING = {"kind": "cursor", "path": "paging.next.after", "body": "after"}
PAGE, HISTORY_PAGE, SEARCH_PAGE = 100, 50, 100
# A search gives no more than that, whatever it has found.
MOST_FOUND = 10_000
MERGED = "hs_merged_object_ids"


def read_hubspot(client: Client, wanted: Wanted) -> Iterator[Item]:
    """The items of one table."""
    kind = wanted.table.terms.endpoint.object
    if kind == "owners":
        return _owners(client)
    if kind.endswith(".pipelines"):
        return _stages(client, kind.removesuffix(".pipelines"))
    if kind.endswith(".history"):
        return _history(client, kind.removesuffix(".history"), wanted.table)
    return _objects(client, wanted, kind.split(","))


def _objects(client: Client, wanted: Wanted, kinds: Iterable[str]) -> Iterator[Item]:
    """Live ones, then those in the bin, of each kind."""
    asked = _asked(wanted.table, "properties")
    associated = _asked(wanted.table, "associations")
    if wanted.table.terms.mode == "incremental":
        _refuse_days(wanted.table)
        if associated:
            _refuse_associations(wanted.table)
    for kind in kinds:
        if wanted.reach is None:
            live = _listed(client, kind, asked, associated, archived=False)
        else:
            live = _searched(client, wanted, kind, asked)
        for item in (*live, *_listed(client, kind, asked, associated, archived=True)):
            found = item.get("associations") or {}
            firsts = {name: _main(kind, name, found.get(name)) for name in associated}
            yield {**item, "associations": firsts, "object": kind}


def _refuse_days(table: Table) -> None:
    """A search begins at an instant; what HubSpot keeps of a change is one."""
    cursor = table.column(table.terms.cursor)
    if cursor.kind != "timestamp":
        raise AnswerError(
            f"a search of HubSpot begins at an instant, but the cursor {cursor.name} is declared as"
            f" {cursor.kind}; declare it as timestamp, or another one"
        )


def _refuse_associations(table: Table) -> None:
    """Increments are searches, and a search tells no associations: those known would be emptied."""
    names = [column.name for column in table.columns if column.path.startswith("associations.")]
    raise AnswerError(
        f"a search of HubSpot does not tell {', '.join(names)}, so that an increment would empty"
        " it; declare `mode: full`, or take it out"
    )


def _asked(table: Table, root: str) -> list[str]:
    paths = (column.path.partition(".") for column in table.columns)
    return [name for start, _, name in paths if start == root]


def _listed(
    client: Client, kind: str, properties: list[str], associated: list[str], *, archived: bool
) -> Iterator[Item]:
    params = {
        "limit": PAGE,
        "archived": str(archived).lower(),
        "properties": ",".join(properties),
        **({"associations": ",".join(associated)} if associated else {}),
    }
    return client.items(_endpoint(f"/crm/v3/objects/{kind}"), params, {})


def _main(kind: str, name: str, found: Mapping[str, Any] | None) -> str | None:
    """The object that an association leads to first: the primary one where there is one."""
    results = (found or {}).get("results") or []
    primary = f"{_singular(kind)}_to_{_singular(name)}"
    ranked = sorted(results, key=lambda one: one.get("type") != primary)
    return ranked[0]["id"] if ranked else None


def _singular(name: str) -> str:
    return f"{name.removesuffix('ies')}y" if name.endswith("ies") else name.removesuffix("s")


def _searched(client: Client, wanted: Wanted, kind: str, properties: list[str]) -> Iterator[Item]:
    """What was changed since. A search ends at 10,000 results: the next begins where it ended.

    What comes again with the next search is the tie where it begins. What comes twice within one,
    or again with another instant, was changed meanwhile: it left its place, and what moved up
    into it may have been skipped. What is new comes last, by the instant of its change, so that
    a total may grow.
    """
    assert wanted.reach is not None
    cursor = wanted.table.column(wanted.table.terms.cursor).path.removeprefix("properties.")
    since = wanted.reach.as_utc() + "Z"
    seen: dict[str, str] = {}
    while True:
        count, last = 0, since
        found: set[str] = set()
        search = _search(kind, properties, cursor, since)
        for item in client.items(*search, most=MOST_FOUND, keys=["id"]):
            count += 1
            last = item["properties"][cursor]
            if item["id"] in found or seen.get(item["id"], last) != last:
                raise AnswerError(
                    f"{kind} were changed while they were read, so that {item['id']} came twice and"
                    " another may have been skipped; run again"
                )
            found.add(item["id"])
            if item["id"] not in seen:
                seen[item["id"]] = last
                yield item
        if count < MOST_FOUND:
            return
        if last == since:
            raise AnswerError(f"more than {MOST_FOUND} {kind} changed at {since}: no search ends")
        since = last


def _search(
    kind: str, properties: list[str], cursor: str, since: str
) -> tuple[Endpoint, dict[str, Any], dict[str, Any]]:
    path = f"/crm/v3/objects/{kind}/search"
    endpoint = Endpoint(
        path=path, method="POST", selector="results", total="total", paginator=SEARCH_PAGING
    )
    milliseconds = int(datetime.fromisoformat(since).timestamp() * 1000)
    condition = {"propertyName": cursor, "operator": "GTE", "value": str(milliseconds)}
    body = {
        "filterGroups": [{"filters": [condition]}],
        "sorts": [{"propertyName": cursor, "direction": "ASCENDING"}],
        "properties": sorted({*properties, cursor}),
        "limit": SEARCH_PAGE,
    }
    return endpoint, {}, body


def _history(client: Client, kind: str, table: Table) -> Iterator[Item]:
    """One row per value that a property had, oldest first, with the value before it.

    A merge is told by the survivor; here it is a change of the object that was merged away.
    """
    names = [str(name) for name in table.terms.endpoint.params.get("properties", [])]
    owners = {owner["userId"]: owner["id"] for owner in _owners(client) if owner.get("userId")}
    for archived in (False, True):
        params = {
            "limit": HISTORY_PAGE,
            "archived": str(archived).lower(),
            "propertiesWithHistory": ",".join([*names, MERGED]),
        }
        for item in client.items(_endpoint(f"/crm/v3/objects/{kind}"), params, {}):
            for version in _versions(item):
                owner = owners.get(version["updatedByUserId"])
                yield {**version, "updatedByOwnerId": owner}


def _versions(item: Item) -> Iterator[dict[str, Any]]:
    histories: Mapping[str, list[Mapping[str, Any]]] = item.get("propertiesWithHistory") or {}
    for name, newest_first in histories.items():
        before = None
        # Reversed before it is sorted: what shares an instant keeps its order.
        oldest_first = list(reversed(newest_first))
        oldest_first.sort(key=lambda one: str(one["timestamp"]))
        for number, version in enumerate(oldest_first, start=1):
            row = {
                "id": item["id"],
                "property": name,
                "sequence": number,
                "value": version.get("value"),
                "valueBefore": before,
                **{key: version.get(key) for key in ("timestamp", "sourceType", "sourceId")},
                "updatedByUserId": version.get("updatedByUserId"),
            }
            if name == MERGED:
                yield from _merges(row)
            else:
                yield row
            before = version.get("value")


def _merges(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    known = set(str(row["valueBefore"] or "").split(";"))
    for gone in str(row["value"] or "").split(";"):
        if gone and gone not in known:
            survivor = {"property": "merged_into_id", "value": row["id"], "valueBefore": None}
            yield {**row, **survivor, "id": gone}


def _stages(client: Client, kind: str) -> Iterator[Item]:
    """A pipeline's stages. One that is deleted loses its name there; the lake keeps it."""
    path = f"/crm/v3/pipelines/{kind}"
    single = Endpoint(path=path, selector="results", paginator={"kind": "single"})
    for pipeline in client.items(single, {}, {}):
        for stage in pipeline.get("stages", []):
            yield {**stage, "pipeline": {key: pipeline.get(key) for key in ("id", "label")}}


def _owners(client: Client) -> Iterator[Item]:
    """Those in office, then those gone: deals still name them. An owner is not a user: a deal
    names the owner, a change the user."""
    for archived in ("false", "true"):
        params = {"limit": PAGE, "archived": archived}
        for owner in client.items(_endpoint("/crm/v3/owners"), params, {}):
            teams = owner.get("teams") or []
            yield {**owner, "primaryTeam": next((t for t in teams if t.get("primary")), {})}


def _endpoint(path: str) -> Endpoint:
    return Endpoint(path=path, selector="results", paginator=PAGING)
