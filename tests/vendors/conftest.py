"""The loopback APIs of the three CRMs, and the credentials that they ask for."""

from collections.abc import Iterator

import pytest
from crm_apis import HubSpot, Salesforce, koban
from loopback import Api

SECRETS = {
    "HUBSPOT_TOKEN": "hub-t0ken",
    "SALESFORCE_CLIENT_ID": "pilotage",
    "SALESFORCE_CLIENT_SECRET": "sf-s3cret",
    "KOBAN_API_KEY": "kob-k3y",
}


@pytest.fixture
def apis() -> Iterator[dict[str, Api]]:
    """Source -> its API, of which `script` is the vendor."""
    running = {
        "hubspot": Api(HubSpot()),
        "salesforce": Api(Salesforce()),
        "koban": Api(koban),
    }
    yield running
    for api in running.values():
        api.close()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, apis: dict[str, Api]) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"PILOTAGE_SOURCE_{name}", value)
    for source, api in apis.items():
        monkeypatch.setenv(f"PILOTAGE_SOURCE_{source.upper()}_BASE_URL", api.url)
