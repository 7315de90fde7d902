"""A person whom the book must forget: everything else it holds stays."""

from pathlib import Path

import pytest
from alert_book import Told, at, dump, seen

from expectations.alerts.book import open_book
from expectations.alerts.decisions import Person, acknowledge
from expectations.alerts.rewording import reword

ANNA, TOKEN = "anna@x.de", "erased-0123"


def forgetful(text: str) -> str:
    return text.replace(ANNA, TOKEN)


@pytest.fixture
def book_of_anna(prompt: Told) -> Path:
    """An alert and its notices name her, more than once and in all that is kept of it."""
    alert = seen(title=f"A run did not publish: {ANNA}", remedy=f"ask {ANNA}")
    prompt.hear(0, alert)
    with open_book(prompt.path) as book:
        acknowledge(book, alert.fingerprint, Person("Bo", at(1), f"{ANNA} knows"))
    prompt.hear(2, alert)
    assert prompt.path.read_bytes().count(ANNA.encode()) > 4
    return prompt.path


def test_a_text_is_replaced_wherever_the_book_holds_it_and_nothing_else_changes(
    book_of_anna: Path,
) -> None:
    with open_book(book_of_anna) as book:
        before = dump(book)
        changed = reword(book, forgetful)
        after = dump(book)
        assert reword(book, forgetful) == 0
    assert after == [forgetful(line) for line in before]
    assert changed > 4
    assert ANNA.encode() not in book_of_anna.read_bytes()


def test_nothing_is_left_of_what_the_book_held_before(prompt: Told) -> None:
    prompt.hear(0, seen())
    with open_book(prompt.path) as book:
        # Some builds of SQLite overwrite what is deleted, others do not.
        book.rows("pragma secure_delete = off")
        with book.transaction() as connection:
            connection.execute("insert into facts values ('who', ?)", (ANNA,))
        with book.transaction() as connection:
            connection.execute("delete from facts where name = 'who'")
        assert ANNA.encode() in prompt.path.read_bytes()
        assert reword(book, forgetful) == 0
    assert ANNA.encode() not in prompt.path.read_bytes()
