"""From a channel's name to the channel: its address lies in the environment."""

from collections.abc import Mapping
from dataclasses import replace

from expectations.alerts.alertmanager import Alertmanager
from expectations.alerts.chat import Chat, is_usable
from expectations.alerts.delivery import Channel, read_address, unusable
from expectations.alerts.http_post import Target, read_target
from expectations.alerts.webhook import Webhook

_ALERTS_PATH = "/api/v2/alerts"


def open_channel(name: str, environment: Mapping[str, str]) -> Channel:
    """The channel of that name.

    webhook+http(s)://... is the generic webhook, alertmanager+http(s)://... Alertmanager, anything
    else an apprise URL. Raises ChannelError for an address that is missing or cannot be used.
    """
    address, secret = read_address(name, environment)
    scheme, _, rest = address.partition("+")
    if scheme.lower() == "webhook":
        return Webhook(_target(name, rest), secret)
    if scheme.lower() == "alertmanager":
        target = _target(name, rest)
        path = target.path.rstrip("/").removesuffix(_ALERTS_PATH)
        return Alertmanager(replace(target, path=path + _ALERTS_PATH), secret)
    if not is_usable(address):
        raise unusable(name, "cannot be read by apprise")
    return Chat(address)


def _target(name: str, address: str) -> Target:
    try:
        return read_target(address)
    except ValueError:
        raise unusable(name, "is no web address") from None
