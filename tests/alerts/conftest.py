"""Every test has a book and receivers of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alert_book import PROMPT, Told
from receivers import Mailbox, Receiver, http_receiver, mail_receiver


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A book under the policy: errors open and resolve after 2, warnings after 1 by digest."""
    return Told(tmp_path / "alerts.sqlite")


@pytest.fixture
def prompt(tmp_path: Path) -> Told:
    """A book whose errors open and resolve with the first verdict."""
    return Told(tmp_path / "alerts.sqlite", PROMPT)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real web server."""
    with http_receiver() as found:
        yield found


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real mail server."""
    with mail_receiver() as found:
        yield found
