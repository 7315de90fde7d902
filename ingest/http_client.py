"""A client of one API: dlt's, which authenticates, pages and tries again, within our guards."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ingest.http_answers import AnswerError, BoundedAdapter, Deadline, checked, items_of, pick
from ingest.http_pages import Pages
from ingest.rest_terms import Api, Endpoint
from ingest.secrets import Secrets

if TYPE_CHECKING:
    from dlt.sources.helpers.rest_client.client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import BasePaginator

# dlt reads them when it is imported. What it would warn of is refused by us, with a remedy.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")

Item = Mapping[str, Any]


class Client:
    """Asks an API; whatever it gives is whole, or AnswerError and requests' errors say why not."""

    def __init__(self, api: Api, base_url: str, secrets: Secrets) -> None:
        self.api = api
        self.base_url = base_url
        self.deadline = Deadline(api.time_limit)
        self.dlt = self._dlt(secrets)

    def items(
        self,
        endpoint: Endpoint,
        params: Mapping[str, Any],
        body: Mapping[str, Any],
        most: int | None = None,
        keys: Sequence[str] = (),
    ) -> Iterator[Item]:
        """All items of an endpoint, page after page; no more than `most`, where it gives no more.

        keys: dotted paths to what an item is known by; the caller then sees to it that none comes
        twice. AnswerError when the same page is asked for twice, when an API that does not know our
        words for the next page gives the same one, when it says that it has fewer items than
        before (without keys: or more), or when fewer came than it says it has.
        """
        words = endpoint.paginator or self.api.paginator
        seen: set[int] = set()
        pages = Pages(words["kind"], keys)
        for page in self.dlt.paginate(
            endpoint.path,
            endpoint.method,
            params=dict(params),
            json=dict(body) or None,
            paginator=paginator(words),
            data_selector=endpoint.selector or "$",
            hooks={"response": [checked]},
            allow_redirects=False,
        ):
            asked = page.response.request
            marks = {hash((asked.url, asked.body)), hash(page.response.content)}
            if seen & marks:
                raise AnswerError("the API led back to a page that had been read: it would not end")
            document = page.response.json()
            found = items_of(document, endpoint.selector)
            yield from pages.add(found, self._total(document, endpoint))
            if most is not None and pages.count >= most:
                return
            if pages.is_last():
                break
            seen |= marks
            self._stay_home(page.request.url)
            self.deadline.left()
        pages.check_whole()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """One answer to GET, as a document."""
        return self._ask("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """One answer to POST, as a document."""
        return self._ask("POST", path, json=dict(body))

    def _ask(self, method: str, path: str, **words: Any) -> Any:
        hooks = {"response": [checked]}
        answer = self.dlt.request(path, method, hooks=hooks, allow_redirects=False, **words)
        return answer.json()

    @staticmethod
    def _total(document: Any, endpoint: Endpoint) -> int | None:
        if not endpoint.total:
            return None
        try:
            return int(pick(document, endpoint.total))
        except (KeyError, TypeError, ValueError):
            raise AnswerError(f"the answer holds no number at {endpoint.total!r}") from None

    def _stay_home(self, url: str | None) -> None:
        """A next page elsewhere would be given our credentials."""
        if url and urlsplit(url)[:2] != urlsplit(self.base_url)[:2]:
            raise AnswerError("the next page lies on another host than base_url")

    def _dlt(self, secrets: Secrets) -> "RESTClient":
        from dlt.common.configuration.specs import RuntimeConfiguration  # noqa: PLC0415 - heavy
        from dlt.sources.helpers.requests.retry import Client as Session  # noqa: PLC0415 - heavy
        from dlt.sources.helpers.rest_client.client import RESTClient  # noqa: PLC0415 - heavy

        session = Session(
            request_timeout=self.api.timeout,
            raise_for_status=False,
            request_max_attempts=self.api.attempts,
            request_backoff_factor=min(1.0, self.api.longest_wait),
            request_max_retry_delay=self.api.longest_wait,
        ).session
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter(self.deadline))
        return RESTClient(
            base_url=self.base_url,
            headers=dict(self.api.headers),
            auth=authenticator(self.api.auth, self.base_url, secrets, session),
            session=session,
            # Given, so that dlt does not look for settings of its own in files.
            config=RuntimeConfiguration(),
        )


def authenticator(words: Mapping[str, Any], base_url: str, secrets: Secrets, session: Any) -> Any:
    """Who we are to the API; the values stand in the environment."""
    from dlt.sources.helpers.rest_client import auth  # noqa: PLC0415 - heavy

    def secret(word: str) -> str:
        return secrets.value(str(words[word]))

    match words["kind"]:
        case "bearer":
            return auth.BearerTokenAuth(token=secret("token"))
        case "api_key":
            return auth.APIKeyAuth(
                name=words["name"], api_key=secret("key"), location=words.get("location", "header")
            )
        case "basic":
            username, password = secret("username"), secret("password")
            return auth.HttpBasicAuth(username=username, password=password)
        case "oauth2":
            token_url = urljoin(base_url, words["token_url"])
            client = secret("client_id"), secret("client_secret")
            return token_bearer(token_url, *client, secrets, session)
        case _:
            # Somebody at least, or requests would look for a .netrc that happens to be there.
            return lambda request: request


def token_bearer(
    token_url: str, client_id: str, client_secret: str, secrets: Secrets, session: Any
) -> Any:
    """OAuth 2 with client credentials; the token that is given is a secret too."""
    from dlt.sources.helpers.rest_client import auth  # noqa: PLC0415 - heavy

    class HiddenToken(auth.OAuth2ClientCredentials):  # type: ignore[misc]
        def parse_access_token(self, response_json: Any) -> str:
            token = response_json.get("access_token")
            if not isinstance(token, str) or not token:
                raise AnswerError(f"{token_url} gave no access_token")
            secrets.hide(token)
            return token

    return HiddenToken(
        access_token_url=token_url,
        client_id=client_id,
        client_secret=client_secret,
        session=session,
    )


def paginator(words: Mapping[str, Any]) -> "BasePaginator":
    """How the next page is found."""
    from dlt.sources.helpers.rest_client import paginators as dlt  # noqa: PLC0415 - heavy

    match words["kind"]:
        case "page":
            first = words.get("first", 1)
            return dlt.PageNumberPaginator(
                base_page=first, page=first, page_param=words["param"], total_path=None
            )
        case "offset":
            return overlapping_paginator(words)
        case "cursor":
            return dlt.JSONResponseCursorPaginator(
                cursor_path=words["path"],
                cursor_param=words.get("param"),
                cursor_body_path=words.get("body"),
            )
        case "next_link":
            return dlt.JSONLinkPaginator(next_url_path=words["path"])
        case "header_link":
            return dlt.HeaderLinkPaginator()
        case _:
            return dlt.SinglePagePaginator()


def overlapping_paginator(words: Mapping[str, Any]) -> "BasePaginator":
    """By offset: each page begins with the item that the one before ended with."""
    from dlt.sources.helpers.rest_client import paginators as dlt  # noqa: PLC0415 - heavy

    class Overlapping(dlt.OffsetPaginator):  # type: ignore[misc]
        def update_state(self, response: Any, data: list[Any] | None = None) -> None:
            self.value_step = len(data or ()) - 1
            super().update_state(response, data if self.value_step > 0 else None)

    return Overlapping(
        limit=words["limit"],
        offset_param=words["param"],
        limit_param=words["limit_param"],
        total_path=None,
    )
