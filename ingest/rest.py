"""APIs as sources: each table an endpoint, all of it or nothing."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from ingest.cursors import Reach, Wanted
from ingest.errors import DeliveryError, UnreachableError
from ingest.http_answers import MEANINGS, AnswerError, is_passing, reason, refused
from ingest.http_client import Client, Item
from ingest.rest_rows import write_items
from ingest.rest_terms import CURSOR, SECRETS, Endpoint
from ingest.secrets import Secrets, variable_name
from ingest.tables import Source
from ingest.vendors.hubspot import read_hubspot
from ingest.vendors.salesforce import read_salesforce

LONGEST_KNOCK = 10.0
INSTANT, DAY = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"

Read = Callable[[Client, Wanted], Iterator[Item]]


def fetch_rest(source: Source, wanted: Sequence[Wanted], folder: Path) -> None:
    """Write one file of JSON lines per table into folder. DeliveryError when any is not whole."""
    secrets = Secrets(source)
    api = source.tables[0].terms.api
    client = Client(api, _base_url(source, secrets, api.base_url), secrets)
    for one in wanted:
        _fetch_table(source, client, one, READERS[source.connector], folder, secrets)


def check_rest(source: Source) -> None:
    """See that all credentials are set and that somebody answers at the address; nothing is asked,
    for a declaration names no question without consequences. DeliveryError says what is missing.
    """
    secrets = Secrets(source)
    api = source.tables[0].terms.api
    base_url = _base_url(source, secrets, api.base_url)
    for word in SECRETS:
        if word in api.auth:
            secrets.value(str(api.auth[word]))
    try:
        _knock(base_url, min(api.timeout, LONGEST_KNOCK))
    except OSError as error:
        meant = (told for kind, told in MEANINGS.items() if isinstance(error, kind))
        raise DeliveryError(
            f"source {source.name} cannot be reached: {next(meant, 'no connection came about')}",
            where=secrets.scrub(f"{_told(source, base_url)}, declared in {source.path}"),
            remedy="look at the server, the line to it and the address",
        ) from None


def _knock(url: str, seconds: float) -> None:
    """Connect to the server of an address, or to the proxy that requests would go through."""
    asked = urlsplit(url)
    proxy = requests.utils.get_environ_proxies(url).get(asked.scheme)
    address = asked if proxy is None else urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = address.port or (443 if address.scheme == "https" else 80)
    socket.create_connection((address.hostname or "", port), seconds).close()


def _base_url(source: Source, secrets: Secrets, declared: str) -> str:
    """The address of the API; user and password are masked from now on, and what it asks for in
    what the API says: of our own words it may be any. Raises DeliveryError."""
    text = secrets.setting("BASE_URL", declared)
    try:
        address = urlsplit(text)
        is_usable = address.scheme in ("http", "https") and bool(address.hostname)
        is_usable = is_usable and (address.port or 1) > 0
    except ValueError:
        is_usable = False
    if not is_usable:
        # Not quoted: what is no address may hold a password anywhere.
        raise DeliveryError(
            f"{variable_name(source, 'BASE_URL')} is no http(s) address",
            where=f"source {source.name}, declared in {source.path}",
            remedy="write https://host/path, or take the variable away: base_url then counts",
        )
    for secret in filter(None, (address.username, address.password, address.fragment)):
        secrets.hide(secret)
        secrets.hide(unquote(secret))
    for word in (address.query, *(value for _, value in parse_qsl(address.query))):
        secrets.hide_in_answers(word)
        secrets.hide_in_answers(unquote(word))
    return text


def read_endpoint_items(client: Client, wanted: Wanted) -> Iterator[Item]:
    """The items of a table's endpoint, from where its reading begins."""
    table = wanted.table
    endpoint = table.terms.endpoint
    since = cursor_text(wanted.reach, endpoint)
    params, body = filled(endpoint.params, since), filled(endpoint.body, since)
    keys = [table.column(key).path or key for key in table.keys]
    return client.items(endpoint, params, body, keys=keys)


READERS: Mapping[str, Read] = {
    "rest": read_endpoint_items,
    "hubspot": read_hubspot,
    "salesforce": read_salesforce,
}


def _fetch_table(
    source: Source, client: Client, wanted: Wanted, read: Read, folder: Path, secrets: Secrets
) -> None:
    table = wanted.table
    where = f"{_told(source, client.base_url)} for {table}, declared in {source.path}"
    try:
        path = folder / f"{table.name}.jsonl.gz"
        count, keys = write_items(table, read(client, wanted), path)
        if table.terms.endpoint.total and keys < count:
            # Something was read twice, so with an equal count something else was not read at all.
            raise AnswerError(
                f"{count - keys} of {count} items came twice: the pages moved while they were read"
            )
    except (AnswerError, requests.RequestException) as error:
        why, excerpt = (" ".join(text.split()) for text in reason(error))
        what = f"{table} could not be read whole: {secrets.scrub(why)}"
        kind = UnreachableError if is_passing(error) else DeliveryError
        raise refused(what, secrets.scrub(where), secrets.scrub_answer(excerpt), kind) from None


def _told(source: Source, base_url: str) -> str:
    """The address and, where it comes from the environment, the variable to mend."""
    variable = variable_name(source, "BASE_URL")
    return f"{base_url} of {variable}" if os.environ.get(variable, "").strip() else base_url


def cursor_text(reach: Reach | None, endpoint: Endpoint) -> str | None:
    """The beginning as the API wants it written; None: from its first item on."""
    if reach is None:
        return None
    if isinstance(reach.value, int):
        return str(reach.value)
    is_instant = isinstance(reach.value, datetime)
    moment = _instant(reach.value)
    match endpoint.cursor_format:
        case "epoch":
            return str(int(moment.timestamp()))
        case "epoch_ms":
            return str(int(moment.timestamp() * 1000))
        case form:
            return moment.strftime(form or (INSTANT if is_instant else DAY))


def _instant(value: date | datetime) -> datetime:
    """In UTC; a day begins at midnight."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time(), UTC)


def filled(words: Mapping[str, Any], since: str | None) -> dict[str, Any]:
    """The words with {cursor} filled in; what holds it is left out where there is none."""
    found = {name: _filled(word, since) for name, word in words.items()}
    return {name: word for name, word in found.items() if word is not None}


def _filled(word: Any, since: str | None) -> Any:
    match word:
        case str() if CURSOR in word:
            return None if since is None else word.replace(CURSOR, since)
        case dict():
            inner = filled(word, since)
            return inner if len(inner) == len(word) else None
        case list():
            parts = [_filled(part, since) for part in word]
            return [part for part in parts if part is not None]
        case _:
            return word
