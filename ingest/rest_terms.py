"""What a declaration says of an API: where it is, who we are to it, how it pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

CONNECTORS = ("rest", "hubspot", "salesforce")
CURSOR = "{cursor}"

# What each kind may say beside `kind`; True: it must.
AUTHS: Mapping[str, Mapping[str, bool]] = {
    "none": {},
    "bearer": {"token": True},
    "api_key": {"name": True, "key": True, "location": False},
    "basic": {"username": True, "password": True},
    "oauth2": {"token_url": True, "client_id": True, "client_secret": True},
}
# What of them names an environment variable.
SECRETS = ("token", "key", "username", "password", "client_id", "client_secret")
PAGINATORS: Mapping[str, Mapping[str, bool]] = {
    "single": {},
    "page": {"param": True, "first": False},
    "offset": {"param": True, "limit_param": True, "limit": True},
    "cursor": {"path": True, "param": False, "body": False},
    "next_link": {"path": True},
    "header_link": {},
}


class TermsError(Exception):
    """A word that cannot be followed: what, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class Api:
    """An API. The values of `auth` are the ends of names of environment variables, never secrets.

    `timeout` is that of one answer, `time_limit` that of all tables of the source, `longest_wait`
    that between two tries; seconds all of them.
    """

    base_url: str = ""
    auth: Mapping[str, Any] = field(default_factory=lambda: {"kind": "none"})
    headers: Mapping[str, str] = field(default_factory=dict)
    paginator: Mapping[str, Any] = field(default_factory=lambda: {"kind": "single"})
    timeout: float = 60
    time_limit: float = 3600
    attempts: int = 5
    longest_wait: float = 60


@dataclass(frozen=True)
class Endpoint:
    """What of an API is a table. `{cursor}` in params or body is where the reading begins; what
    holds it is left out as long as nothing has been read.

    `cursor_format`: how the API wants it written; empty: as an instant, a day or a number is.
    `selector` and `total` are dotted paths into an answer: the list of items, how many there are in
    all. `omits_empty`: items lack the members that are empty. `object`: what a vendor calls it.
    """

    path: str = ""
    method: str = "GET"
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    selector: str = ""
    total: str = ""
    paginator: Mapping[str, Any] = field(default_factory=dict)
    cursor_format: str = ""
    omits_empty: bool = False
    object: str = ""


def read_api(words: object, connector: str) -> Api:
    """Check the words of `api`. Raises TermsError."""
    api = Api(**_mapping("api", words, set(Api.__dataclass_fields__)))
    address = urlsplit(api.base_url)
    if api.base_url and (address.scheme not in ("http", "https") or not address.netloc):
        _refuse(f"base_url {api.base_url!r} is no address", "write https://host/path")
    if not api.base_url and connector == "rest":
        _refuse("'base_url' of api is missing", "write e.g. base_url: https://host/path")
    _kind("auth", api.auth, AUTHS)
    _naming("auth", api.auth)
    _paging(api.paginator)
    for name in ("timeout", "time_limit", "attempts", "longest_wait"):
        value = getattr(api, name)
        if not isinstance(value, int | float) or value <= 0:
            _refuse(f"{name} {value!r} is no number above 0", f"write e.g. {name}: 60")
    return api


def read_endpoint(words: object, connector: str) -> Endpoint:
    """Check the words of `endpoint`. Raises TermsError."""
    endpoint = Endpoint(**_mapping("endpoint", words, set(Endpoint.__dataclass_fields__)))
    if not endpoint.object and connector != "rest":
        _refuse("'object' of endpoint is missing", "write e.g. object: deals")
    if not endpoint.path and connector == "rest":
        _refuse("'path' of endpoint is missing", "write e.g. path: /deals")
    if endpoint.method not in ("GET", "POST"):
        _refuse(f"method {endpoint.method!r} is unknown", "use one of: GET, POST")
    if endpoint.paginator:
        _paging(endpoint.paginator)
    return endpoint


def _paging(words: Mapping[str, Any]) -> None:
    _kind("paginator", words, PAGINATORS)
    limit = words.get("limit", 2)
    if not isinstance(limit, int) or limit < 2:
        _refuse(f"limit {limit!r} is no number above 1: pages overlap by one", "write e.g. 100")


def _naming(name: str, words: Mapping[str, Any]) -> None:
    """A secret that is declared in place of its name is not quoted."""
    for word in SECRETS:
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", str(words.get(word, "NAME"))):
            _refuse(
                f"{word!r} of {name} is no name of an environment variable, or a secret itself",
                f"write e.g. {word}: {word.upper()}, and set PILOTAGE_SOURCE_<SOURCE>_"
                f"{word.upper()} (see .env.example)",
            )


def _mapping(name: str, words: object, allowed: set[str]) -> Mapping[str, Any]:
    if words is None:
        return {}
    if not isinstance(words, dict):
        _refuse(f"{name} is no mapping", "indent `key: value` lines here")
    for word in words:
        if word not in allowed:
            _refuse(f"unknown key {word!r} of {name}", f"use one of: {', '.join(sorted(allowed))}")
    return words


def _kind(name: str, words: Mapping[str, Any], kinds: Mapping[str, Mapping[str, bool]]) -> None:
    kind = words.get("kind") if isinstance(words, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        _refuse(f"{name} has no kind that is known", f"use one of: {', '.join(kinds)}")
    allowed = kinds[kind]
    _mapping(f"{name} {kind}", words, {"kind", *allowed})
    missing = _missing(words, allowed)
    if missing:
        _refuse(f"{name} {kind} lacks {missing[0]!r}", f"it needs: {', '.join(missing)}")


def _missing(words: Mapping[str, Any], allowed: Mapping[str, bool]) -> Sequence[str]:
    return [word for word, is_needed in allowed.items() if is_needed and word not in words]


def _refuse(what: str, remedy: str) -> NoReturn:
    raise TermsError(what, remedy)
