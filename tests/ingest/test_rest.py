"""An API as a source: pages, increments, and every fault that must not shorten a delivery."""

import gzip
import json
import logging
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from delivered import counts
from loopback import Answer, Api, Asked

from ingest.contract import read_source
from ingest.errors import ContractError, DeliveryError
from ingest.fetching import fetch
from ingest.loads import Load, load_table
from ingest.tables import Source

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
CANARY = "c4nary-t0ken"
DEALS = [
    {
        "id": n,
        "amount": n + 0.5,
        "owner": {"id": f"o{n}", "team": "north"},
        "at": "2025-02-01T10:00:00Z",
    }
    for n in range(1, 251)
]
PAGE = 100


class Shop:
    """A company with one API, `webcrm`, and the lake that it is fetched into."""

    def __init__(self, api: Api, home: Path) -> None:
        self.api, self.home, self.at = api, home, NOON
        self.keys, self.cursor_kind = ["id"], "timestamp"
        self.terms: dict[str, Any] = {}
        self.endpoint: dict[str, Any] = {"path": "/deals", "selector": "items", "total": "total"}
        self.words: dict[str, Any] = {
            "base_url": f"{api.url}/v1",
            "auth": {"kind": "bearer", "token": "TOKEN"},
            "paginator": {"kind": "offset", "param": "skip", "limit_param": "top", "limit": PAGE},
            "time_limit": 20,
            "timeout": 2,
            "attempts": 3,
            "longest_wait": 0.05,
        }

    def source(self) -> Source:
        def column(name: str, type_: str, path: str = "") -> dict[str, Any]:
            meta = {"config": {"meta": {"path": path}}} if path else {}
            return {"name": name, "data_type": type_, **meta}

        terms = {**self.terms, "endpoint": self.endpoint}
        table = {
            "name": "deals",
            "config": {"meta": {"keys": self.keys, "delivery": terms}},
            "columns": [
                column("id", "varchar"),
                column("amount", "decimal(18,2)"),
                column("owner_id", "varchar", "owner.id"),
                column("at", self.cursor_kind),
            ],
        }
        meta = {"delivery": {"connector": "rest", "api": self.words}}
        declared = {"name": "raw_webcrm", "config": {"meta": meta}, "tables": [table]}
        path = self.home / "_webcrm__sources.yml"
        path.write_text(yaml.safe_dump({"version": 2, "sources": [declared]}), encoding="utf-8")
        return read_source(path)

    def fetch(self) -> Path:
        self.at += timedelta(days=1)
        places = (self.home / "deliveries", self.home / "lake")
        folder = fetch(self.source(), *places, lambda: self.at)
        assert folder is not None
        return folder

    def landed(self) -> Load:
        self.fetch()
        source = self.source()
        (load,) = load_table(source, source.tables[0], self.home / "deliveries", self.home / "lake")
        return load

    def refused(self) -> str:
        """What the terminal shows of a fetch that fails; that nothing of it is left."""
        return self.failed().for_terminal()

    def failed(self) -> DeliveryError:
        """The error of a fetch that fails; that nothing of it is left, nor any credential told."""
        with pytest.raises(DeliveryError) as refusal:
            self.fetch()
        left = [path for path in (self.home / "deliveries").rglob("*") if path.is_file()]
        assert left == []
        assert "nothing was delivered" in refusal.value.remedy
        assert CANARY not in refusal.value.for_terminal()
        assert refusal.value.__cause__ is None
        return refusal.value


def pages(
    deals: list[dict[str, Any]] = DEALS, total: int | None = None
) -> Callable[[Asked], Answer]:
    """An API that pages by offset and knows how many deals there are."""

    def script(asked: Asked) -> Answer:
        start, size = int(asked.params.get("skip", 0)), int(asked.params.get("top", PAGE))
        found = deals[start : start + size]
        return Answer({"items": found, "total": len(deals) if total is None else total})

    return script


def at_second_page(fault: Answer, times: int = 1_000) -> Callable[[Asked], Answer]:
    """The same, but the second page is a fault so many times."""
    whole, left = pages(), [times]

    def script(asked: Asked) -> Answer:
        if asked.params.get("skip") == str(PAGE - 1) and left[0]:
            left[0] -= 1
            return fault
        return whole(asked)

    return script


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("PILOTAGE_SOURCE_WEBCRM_TOKEN", CANARY)
    api = Api(pages())
    yield Shop(api, tmp_path)
    api.close()


def test_all_pages_land_exactly_and_what_is_not_declared_is_told(shop: Shop) -> None:
    load = shop.landed()
    assert counts(load) == (250, 0, 0, 0)
    assert load.extra_columns == ("owner.team",)
    assert {asked.headers["Authorization"] for asked in shop.api.asked} == {f"Bearer {CANARY}"}
    assert counts(shop.landed()) == (0, 250, 0, 0)


def test_what_was_fetched_and_refused_is_removed_and_fetched_anew(shop: Shop) -> None:
    """The API gives too few once; what follows waits behind that."""
    shop.landed()
    shop.api.script = pages(DEALS[:50])
    with pytest.raises(DeliveryError, match="200 of 250 known keys") as refusal:
        shop.landed()
    (_, few) = sorted((shop.home / "deliveries").rglob("*.gz"))
    assert refusal.value.remedy.startswith(f"remove {few}, then run again")
    shop.api.script = pages()
    with pytest.raises(DeliveryError, match="200 of 250 known keys"):
        shop.landed()
    few.unlink()
    source, places = shop.source(), (shop.home / "deliveries", shop.home / "lake")
    assert [counts(load) for load in load_table(source, source.tables[0], *places)] == [
        (0, 250, 0, 0)
    ]


def test_what_a_killed_fetch_left_is_swept_away(shop: Shop) -> None:
    left = shop.home / "deliveries" / ".fetching" / "webcrm"
    left.mkdir(parents=True)
    (left / "deals.jsonl.gz").write_bytes(b"half")
    (left / "other.jsonl.gz").write_bytes(b"half")
    assert counts(shop.landed()) == (250, 0, 0, 0)
    assert [path.name for path in shop.fetch().iterdir()] == ["deals.jsonl.gz"]
    assert not left.exists()


def test_numbers_keep_every_digit(shop: Shop) -> None:
    raw = b'{"items": [{"id": 90071992547409931, "amount": 12345678901234567.10,'
    raw += b' "owner": {"id": null}, "at": null}], "total": 1}'
    shop.api.script = lambda _: Answer(raw=raw)
    with gzip.open(shop.fetch() / "deals.jsonl.gz") as file:
        (row,) = map(json.loads, file)
    assert (row["id"], row["amount"]) == ("90071992547409931", "12345678901234567.10")


@pytest.mark.parametrize(
    ("paginator", "link"),
    [
        ({"kind": "page", "param": "page"}, None),
        ({"kind": "cursor", "path": "next", "param": "after"}, "token"),
        ({"kind": "next_link", "path": "next"}, "url"),
        ({"kind": "header_link"}, "header"),
    ],
)
def test_every_way_of_paging_gives_all(
    shop: Shop, paginator: dict[str, Any], link: str | None
) -> None:
    shop.words["paginator"] = paginator

    def script(asked: Asked) -> Answer:
        at = asked.params.get("after") or asked.params.get("page") or "1"
        number = int(at)
        found = DEALS[(number - 1) * PAGE : number * PAGE]
        more = number * PAGE < len(DEALS)
        url = f"{shop.api.url}/v1/deals?page={number + 1}"
        following = {"token": str(number + 1), "url": url}.get(link or "") if more else None
        headers = {"Link": f'<{url}>; rel="next"'} if link == "header" and more else {}
        return Answer({"items": found, "total": 250, "next": following}, headers=headers)

    shop.api.script = script
    assert counts(shop.landed()) == (250, 0, 0, 0)


def test_an_increment_asks_from_the_cursor_and_drops_ties(shop: Shop) -> None:
    shop.terms = {"mode": "incremental", "cursor": "at", "cursor_overlap": 60}
    shop.endpoint |= {"params": {"since": "{cursor}", "sort": "at"}}
    shop.landed()
    assert [asked.params.get("since") for asked in shop.api.asked] == [None] * 3
    shop.api.script = pages([*DEALS[-1:], {**DEALS[0], "amount": 99, "at": "2025-03-02T08:00:00Z"}])
    assert counts(shop.landed()) == (1, 1, 0, 0)
    assert shop.api.asked[-1].params["since"] == "2025-02-01T09:59:00Z"


@pytest.mark.parametrize(
    ("kind", "form", "since"),
    [
        ("date", None, "2025-01-31"),
        ("date", "%d/%m/%Y", "31/01/2025"),
        ("date", "%Y-%m-%dT%H:%M:%SZ", "2025-01-31T00:00:00Z"),
        ("date", "epoch", "1738281600"),
        ("date", "epoch_ms", "1738281600000"),
        ("timestamp", None, "2025-01-31T10:29:00Z"),
        ("timestamp", "%d/%m/%Y %H:%M", "31/01/2025 10:29"),
        ("timestamp", "epoch_ms", "1738319340000"),
    ],
)
def test_an_increment_begins_as_the_api_wants_it_written(
    shop: Shop, kind: str, form: str | None, since: str
) -> None:
    last = {"date": "2025-01-31", "timestamp": "2025-01-31T10:30:00Z"}[kind]
    shop.terms = {"mode": "incremental", "cursor": "at", "cursor_overlap": 60}
    shop.endpoint |= {"params": {"since": "{cursor}"}, **({"cursor_format": form} if form else {})}
    shop.cursor_kind = kind
    shop.api.script = pages([DEALS[0] | {"at": last}])
    shop.landed()
    assert counts(shop.landed()) == (0, 1, 0, 0)
    assert [asked.params.get("since") for asked in shop.api.asked] == [None, since]


@pytest.mark.parametrize(
    "fault",
    [
        Answer({"error": "slow down"}, 429, {"Retry-After": "1"}),
        Answer({"error": "oops"}, 500),
        Answer({"items": DEALS[100:200], "total": 250}, cut=1_000),
        Answer(raw=b'{"items": [{"id": 1', headers={"Connection": "close"}),
        Answer({"items": DEALS[100:200], "total": 250}, wait=2.5),
    ],
    ids=["429 with Retry-After", "500", "body cut short", "half a JSON", "one slow answer"],
)
def test_what_passes_is_tried_again_and_complete(shop: Shop, fault: Answer) -> None:
    shop.api.script = at_second_page(fault, times=2)
    assert counts(shop.landed()) == (250, 0, 0, 0)


FAULTS = {
    "persistent 500": (Answer({"error": "oops"}, 500), "HTTP 500"),
    "persistent 429": (Answer({"error": "slow down"}, 429, {"Retry-After": "1"}), "HTTP 429"),
    "body always cut": (Answer({"items": DEALS[:100], "total": 250}, cut=1_000), "IncompleteRead"),
    "half a JSON": (Answer(raw=b'{"items": [{"id": 1'), "no whole JSON"),
    "always slow": (Answer({}, wait=5), "timed out"),
    "unauthorised": (Answer({"message": "token expired"}, 401), "token expired"),
    "forbidden": (Answer({"message": "no scope"}, 403), "HTTP 403"),
    "gone": (Answer({"message": "no such page"}, 404), "HTTP 404"),
    "200 with an error": (Answer({"status": "error", "message": "quota"}), "quota"),
    "200 with HTML": (
        Answer(raw=b"<html>Login</html>", headers={"Content-Type": "text/html"}),
        "the answer is a page",
    ),
    "204 without content": (Answer(raw=b"", status=204), "without any content"),
    "items are no list": (Answer({"items": {"id": 1}, "total": 250}), "no list of objects"),
    "items are null": (Answer({"items": None, "total": 250}), "no list of objects"),
    "items are texts": (Answer({"items": ["id"], "total": 250}), "no list of objects"),
    "empty page in the middle": (
        Answer({"items": [], "total": 250}),
        "after 100 items does not begin with the last of them",
    ),
    "no total any more": (Answer({"items": DEALS[100:200]}), "no number at 'total'"),
    "redirect": (Answer({}, 302, {"Location": "http://127.0.0.1:1/"}), "points to another address"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_no_fault_shortens_a_delivery(shop: Shop, fault: str) -> None:
    answer, told = FAULTS[fault]
    shop.api.script = at_second_page(answer)
    assert told in shop.refused()
    shop.api.script = pages()
    assert counts(shop.landed()) == (250, 0, 0, 0)


ANNA = {"name": "Anna B", "email": "anna@x.example"}
PERSONAL = {
    "a list of another name": (
        Answer({"data": [ANNA], "total": 250}),
        "the answer holds no 'items'",
    ),
    "no list": (Answer({"items": ANNA, "total": 250}), "'items' is no list of objects"),
    "what was asked": (
        Answer({"error": "no such contact: Anna B, anna@x.example"}, 400),
        "HTTP 400 of http://127.0.0.1:",
    ),
    "a page": (
        Answer(raw=b"<p>Anna B, anna@x.example", headers={"Content-Type": "text/html"}),
        "HTTP 200, but the answer is a page",
    ),
}


@pytest.mark.parametrize("kind", PERSONAL, ids=str)
def test_what_an_answer_says_is_for_the_terminal_alone(shop: Shop, kind: str) -> None:
    answer, what = PERSONAL[kind]
    shop.api.script = lambda _: answer
    shop.endpoint["params"] = {"q": "anna@x.example"}
    error = shop.failed()
    assert f"webcrm.deals could not be read whole: {what}" in str(error)
    assert "Anna" not in str(error)
    assert "anna@x.example" not in unquote(str(error))
    assert "seen there: " in error.for_terminal()
    assert "Anna B" in error.for_terminal()


def test_a_connection_that_fails_is_told_without_what_was_asked(shop: Shop) -> None:
    shop.words["base_url"] = "http://127.0.0.1:1/v1"
    shop.endpoint["params"] = {"q": "anna@x.example"}
    error = shop.failed()
    assert error.what.endswith("could not be read whole: nobody answers there")
    assert "anna" not in str(error)
    assert "Connection refused" in error.for_terminal()


VARIABLE = "PILOTAGE_SOURCE_WEBCRM_BASE_URL"
NO_ADDRESSES = ("htp:/x", "api.example", "ftp://u:p4ssw0rd@h/", "http://u:p4ss/w0rd@h/", "http://")


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_a_variable_that_holds_no_address_is_named_and_not_quoted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(DeliveryError) as refusal:
        shop.fetch()
    assert refusal.value.what == f"{VARIABLE} is no http(s) address"
    assert text not in refusal.value.for_terminal()
    assert "p4ss" not in refusal.value.for_terminal()


def test_a_password_in_the_address_of_an_api_is_not_shown(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.api.script = lambda asked: Answer({"you": "p%40ssw0rd p@ssw0rd"}, 403)
    url = shop.api.url.replace("http://", "http://reader:p%40ssw0rd@")
    monkeypatch.setenv(VARIABLE, f"{url}/v1")
    error = shop.failed()
    assert f"http://***@127.0.0.1:{shop.api.server.server_port}/v1 of {VARIABLE}" in error.where
    assert "ssw0rd" not in error.for_terminal()


@pytest.mark.parametrize("host", ["", "http://127.0.0.1:1"])
def test_the_query_of_the_address_of_an_api_is_not_shown(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Neither where an answer tells it again nor where none comes, in requests' own words."""
    shop.api.script = lambda asked: Answer({"you": asked.path, "asked": asked.params}, 403)
    monkeypatch.setenv(VARIABLE, f"{host or shop.api.url}/v1?api_key=p%40ssw0rd&who=an+owner")
    error = shop.failed()
    assert f"/v1?*** of {VARIABLE}" in error.where
    assert "ssw0rd" not in error.for_terminal()
    assert "an owner" not in error.for_terminal().replace("+", " ")


def test_a_word_that_an_address_asks_for_is_hidden_in_no_words_of_ours(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.api.script = lambda asked: Answer({"format": "deals"}, 403)
    monkeypatch.setenv(VARIABLE, f"{shop.api.url}/v1?format=deals")
    error = shop.failed()
    assert error.what.startswith("webcrm.deals could not be read whole: HTTP 403 of ")
    assert f"/v1?*** of {VARIABLE} for webcrm.deals" in error.where
    assert error.excerpt == '{"format": "***"}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("of https://h/v1?key=s3cr3t for deals", "of https://h/v1?*** for deals"),
        ("'https://h/?a=s3cr3t&b=it's', then", "'https://h/?***', then"),
        (
            "exceeded with url: /v1?key=s3cr3t (Caused by x)",
            "exceeded with url: /v1?*** (Caused by x)",
        ),
        ("postgresql://u:p@h/db?password=s3cr3t", "postgresql://***@h/db?***"),
        ("unknown (did you mean 'demo'?)", "unknown (did you mean 'demo'?)"),
        (
            "is it? (https://h/?a=1). Ask https://h/?;",
            "is it? (https://h/?***). Ask https://h/?***;",
        ),
        ("https://u:" + "p" * 600 + "@h/?a=1", "https://***@h/?***"),
    ],
)
def test_what_an_address_asks_for_is_in_no_message(text: str, told: str) -> None:
    error = DeliveryError(text, where=text, remedy=text, excerpt=text)
    assert (error.what, error.where, error.remedy, error.excerpt) == (told,) * 4


def answerless(shop: Shop, monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv(VARIABLE, url)
    shop.words["attempts"] = 1
    error = shop.failed()
    assert f"{url} of {VARIABLE} for webcrm.deals" in error.where
    return error.what.removeprefix("webcrm.deals could not be read whole: ")


def test_why_no_answer_comes_is_said_in_our_own_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(url: str) -> str:
        return answerless(shop, monkeypatch, url)

    assert told("http://127.0.0.1:1/v1") == "nobody answers there"
    assert told("http://no-such-host.invalid/v1") == "the name of the host is unknown"
    secure = shop.api.url.replace("http://", "https://")
    assert told(secure).startswith("no secure connection comes about")
    shop.api.script = lambda _: Answer({"items": DEALS[:1], "total": 1}, cut=10)
    assert told(shop.api.url) == "the connection broke"
    shop.api.script = lambda _: Answer({}, wait=5)
    assert told(shop.api.url) == "it timed out"


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_nobody_vouches_for_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = shop.home / "certificate.pem", shop.home / "key.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
    files = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*made.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    shop.api.server.socket = context.wrap_socket(shop.api.server.socket, server_side=True)
    url = shop.api.url.replace("http://", "https://")
    assert answerless(shop, monkeypatch, url) == "the certificate of the server is refused"


def test_the_same_cursor_twice_ends_the_reading(shop: Shop) -> None:
    shop.words["paginator"] = {"kind": "cursor", "path": "next", "param": "after"}
    del shop.endpoint["total"]
    shop.api.script = lambda _: Answer({"items": DEALS[:100], "next": "again"})
    assert "it would not end" in shop.refused()
    assert len(shop.api.asked) == 2


def test_an_api_that_does_not_page_as_declared_is_noticed(shop: Shop) -> None:
    """It does not know the parameter and gives its first page for ever."""
    del shop.endpoint["total"]
    shop.api.script = lambda _: Answer({"items": DEALS[:PAGE]})
    assert "it would not end" in shop.refused()


def test_a_page_that_moves_while_it_is_read_is_noticed(shop: Shop) -> None:
    """A deal is deleted between two pages: one is read twice elsewhere, or one is never read."""
    deals = [*DEALS[:150], *DEALS[149:249]]
    shop.api.script = pages(deals, total=250)
    assert "1 of 250 items came twice" in shop.refused()


def test_an_item_that_is_deleted_between_two_pages_hides_no_other(shop: Shop) -> None:
    """The total falls with it, and agrees with what came: its neighbour is what is missing."""
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        if asked.params["skip"] != "0" and len(deals) == len(DEALS):
            del deals[0]
        return pages(deals)(asked)

    shop.api.script = script
    assert "said that it has 250 items, then 249" in shop.refused()
    assert counts(shop.landed()) == (249, 0, 0, 0)


@pytest.mark.parametrize("keys", [["id"], []], ids=str)
def test_an_item_that_comes_as_another_goes_hides_no_third(shop: Shop, keys: list[str]) -> None:
    """Then the total is the same all the time, and what came is as many."""
    shop.keys = keys
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        if asked.params["skip"] != "0" and deals[0] == DEALS[0]:
            deals[:] = [*DEALS[1:], DEALS[0] | {"id": 1_000}]
        return pages(deals)(asked)

    shop.api.script = script
    assert "the page after 100 items does not begin with the last of them" in shop.refused()
    assert counts(shop.landed()) == (250, 0, 0, 0)


def test_an_item_that_changes_between_two_pages_is_known_by_its_key(shop: Shop) -> None:
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        if asked.params["skip"] != "0":
            deals[PAGE - 1] = DEALS[PAGE - 1] | {"amount": 7}
        return pages(deals)(asked)

    shop.api.script = script
    assert counts(shop.landed()) == (250, 0, 0, 0)


@pytest.mark.parametrize("number", [0, 1, PAGE, PAGE + 1, 2 * PAGE - 1, 250])
def test_offsets_find_their_end_without_a_total(shop: Shop, number: int) -> None:
    del shop.endpoint["total"]
    shop.api.script = pages(DEALS[:number])
    assert counts(shop.landed()) == (number, 0, 0, 0)


def test_an_api_that_gives_less_than_the_limit_is_read_whole(shop: Shop) -> None:
    del shop.endpoint["total"]
    whole = pages()
    shop.api.script = lambda asked: whole(replace(asked, params={**asked.params, "top": "40"}))
    assert counts(shop.landed()) == (250, 0, 0, 0)


def test_an_item_that_is_added_while_it_is_read_is_read_too(shop: Shop) -> None:
    """A busy API would else never be read to its end."""
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        if asked.params["skip"] != "0":
            deals.append(DEALS[0] | {"id": 1_000 + len(deals)})
        return pages(deals)(asked)

    shop.api.script = script
    assert counts(shop.landed()) == (252, 0, 0, 0)


def test_an_item_that_is_added_in_front_is_noticed_by_what_comes_twice(shop: Shop) -> None:
    shop.words["paginator"] = {"kind": "page", "param": "page"}
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        number = int(asked.params["page"])
        if number == 2:
            deals.insert(0, DEALS[0] | {"id": 1_000})
        found = deals[(number - 1) * PAGE : number * PAGE]
        return Answer({"items": found, "total": len(deals)})

    shop.api.script = script
    assert "1 of 251 items came twice" in shop.refused()
    # Rows without keys may well be alike: only the total tells then.
    deals[:] = DEALS
    shop.keys = []
    assert "said that it has 250 items, then 251" in shop.refused()


def test_an_item_that_is_added_behind_the_cursor_does_not_end_the_reading(shop: Shop) -> None:
    shop.words["paginator"] = {"kind": "cursor", "path": "next", "param": "after"}
    deals = list(DEALS)

    def script(asked: Asked) -> Answer:
        after = int(asked.params.get("after", 0))
        if after:
            deals.append(DEALS[0] | {"id": -after})
        found = sorted((one for one in deals if one["id"] > after), key=lambda one: one["id"])
        more = {"next": str(found[PAGE - 1]["id"])} if len(found) > PAGE else {}
        return Answer({"items": found[:PAGE], "total": len(deals), **more})

    shop.api.script = script
    assert counts(shop.landed()) == (250, 0, 0, 0)


def test_a_source_that_drips_runs_out_of_time(shop: Shop) -> None:
    shop.words |= {"time_limit": 2}
    shop.api.script = at_second_page(Answer({"items": DEALS[:100], "total": 250}, drip=0.2))
    assert "longer than the 2 seconds of time_limit" in shop.refused()


def test_pages_without_end_run_out_of_time(shop: Shop) -> None:
    shop.words |= {"time_limit": 1, "paginator": {"kind": "page", "param": "page"}}
    del shop.endpoint["total"]
    shop.api.script = lambda asked: Answer(
        {"items": [DEALS[0] | {"id": asked.params["page"]}]}, wait=0.05
    )
    assert "time_limit" in shop.refused()


def test_a_next_page_elsewhere_gets_no_credentials(shop: Shop) -> None:
    other = Api(pages())
    shop.words["paginator"] = {"kind": "next_link", "path": "next"}
    shop.api.script = lambda _: Answer({"items": DEALS[:1], "total": 1, "next": f"{other.url}/x"})
    assert "another host" in shop.refused()
    assert other.asked == []
    other.close()


def test_a_server_that_is_not_there_is_told(shop: Shop) -> None:
    shop.words["base_url"] = "http://127.0.0.1:1/v1"
    assert "refused" in shop.refused()


def test_a_member_that_no_item_has_is_no_empty_column(shop: Shop) -> None:
    nameless = [{n: v for n, v in deal.items() if n != "amount"} for deal in DEALS]
    shop.api.script = pages(nameless)
    assert "none of 250 items has 'amount'" in shop.refused()
    shop.endpoint["omits_empty"] = True
    assert counts(shop.landed()) == (250, 0, 0, 0)


def test_a_value_that_no_text_can_hold_is_quarantined(shop: Shop) -> None:
    shop.api.script = pages([*DEALS[:9], {**DEALS[9], "owner": {"id": "a\0b"}}])
    assert counts(shop.landed()) == (9, 0, 1, 0)


def test_a_credential_is_in_no_log_and_no_error(
    shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.words["auth"] = {"kind": "api_key", "name": "key", "key": "TOKEN", "location": "param"}
    shop.words["auth"]["location"] = "query"
    shop.landed()
    assert {asked.params["key"] for asked in shop.api.asked} == {CANARY}
    shop.api.script = lambda asked: Answer({"you sent": asked.params}, 500)
    shop.home = shop.home / "other"
    shop.home.mkdir()
    assert "HTTP 500" in shop.refused()
    own = [line for line in caplog.text.splitlines() if "urllib3.connectionpool" not in line]
    assert CANARY not in "\n".join(own) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("auth", "variables", "header"),
    [
        ({"kind": "api_key", "name": "X-Key", "key": "TOKEN"}, {}, ("X-Key", CANARY)),
        (
            {"kind": "basic", "username": "USER", "password": "TOKEN"},
            {"USER": "reader"},
            ("Authorization", "Basic cmVhZGVyOmM0bmFyeS10MGtlbg=="),
        ),
    ],
)
def test_every_way_to_say_who_we_are(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    auth: dict[str, str],
    variables: dict[str, str],
    header: tuple[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"PILOTAGE_SOURCE_WEBCRM_{name}", value)
    shop.words["auth"] = auth
    shop.landed()
    assert {asked.headers[header[0]] for asked in shop.api.asked} == {header[1]}


def test_a_token_is_fetched_once_and_hidden(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTAGE_SOURCE_WEBCRM_ID", "pilotage")
    shop.words["auth"] = {
        "kind": "oauth2",
        "token_url": f"{shop.api.url}/token",
        "client_id": "ID",
        "client_secret": "TOKEN",
    }
    whole = pages()

    def script(asked: Asked) -> Answer:
        if asked.path == "/token":
            return Answer({"access_token": "sh0rt-lived", "expires_in": 3600})
        if asked.headers.get("Authorization") != "Bearer sh0rt-lived":
            return Answer({"message": "who are you?"}, 401)
        return whole(asked)

    shop.api.script = script
    assert counts(shop.landed()) == (250, 0, 0, 0)
    assert [asked.path for asked in shop.api.asked].count("/token") == 1


def test_a_missing_credential_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILOTAGE_SOURCE_WEBCRM_TOKEN")
    with pytest.raises(DeliveryError, match="PILOTAGE_SOURCE_WEBCRM_TOKEN is not set"):
        shop.fetch()


@pytest.mark.parametrize(
    ("api", "endpoint", "complaint"),
    [
        ({"base_url": ""}, {}, "'base_url' of api is missing"),
        ({"base_url": "ftp://x"}, {}, "base_url 'ftp://x' is no address"),
        ({"auth": {"kind": "magic"}}, {}, "auth has no kind that is known"),
        ({"base_url": "ftp://u:p4ss@x"}, {}, "base_url 'ftp://***@x' is no address"),
        ({"auth": {"kind": "bearer"}}, {}, "auth bearer lacks 'token'"),
        ({"auth": {"kind": "bearer", "token": CANARY}}, {}, "'token' of auth is no name of an"),
        ({"paginator": {"kind": "offset", "param": "x"}}, {}, "paginator offset lacks"),
        ({"pages": 3}, {}, "unknown key 'pages' of api"),
        (
            {"paginator": {"kind": "offset", "param": "x", "limit_param": "y", "limit": 1}},
            {},
            "limit 1 is no number above 1",
        ),
        ({"time_limit": 0}, {}, "time_limit 0 is no number above 0"),
        ({}, {"path": ""}, "'path' of endpoint is missing"),
        ({}, {"method": "PUT"}, "method 'PUT' is unknown"),
    ],
)
def test_a_description_that_cannot_be_followed_is_refused(
    shop: Shop, api: dict[str, Any], endpoint: dict[str, Any], complaint: str
) -> None:
    shop.words |= api
    shop.endpoint |= endpoint
    with pytest.raises(ContractError) as refusal:
        shop.source()
    assert complaint in refusal.value.what
    assert refusal.value.remedy
    assert CANARY not in str(refusal.value)
