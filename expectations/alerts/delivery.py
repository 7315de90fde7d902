"""What a channel is to the sender: something that takes a notice and says what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from expectations.alerts.outbox import Notice
from expectations.errors import ExpectationsError


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt. `error` names neither address nor secret.

    later: try again (after `pause`, if the receiver asked for one). never: a dead letter.
    is_channel_down: the others of this channel need not be tried now.
    """

    status: Literal["sent", "later", "never"]
    error: str = ""
    pause: timedelta | None = None
    is_channel_down: bool = False


class Channel(Protocol):
    """One way to reach people or programs."""

    def deliver(self, notice: Notice, now: datetime) -> Outcome:
        """Try once. Never raises for what the receiver does."""


class ChannelError(ExpectationsError):
    """A channel without an address that can be used; names the variable and never its value."""


def address_variable(channel: str) -> str:
    """The environment variable that holds a channel's address."""
    return f"PILOTAGE_CHANNEL_{channel.upper()}"


def read_address(channel: str, environment: Mapping[str, str]) -> tuple[str, str | None]:
    """Address and secret of a channel. Raises ChannelError where there is no address."""
    variable = address_variable(channel)
    address = environment.get(variable, "").strip()
    if not address:
        raise ChannelError(
            f"The channel {channel!r} has no address: its notices wait.",
            f"environment variable {variable}",
            "Set it to webhook+https://..., alertmanager+http://... or an apprise URL.",
        )
    return address, environment.get(f"{variable}_SECRET") or None


def unusable(channel: str, complaint: str) -> ChannelError:
    """The error for an address that cannot be used."""
    return ChannelError(
        f"The address of the channel {channel!r} {complaint}: its notices wait.",
        f"environment variable {address_variable(channel)}",
        "Set it to webhook+https://..., alertmanager+http://... or an apprise URL.",
    )
