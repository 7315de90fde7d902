"""The book as a file: made, brought up to date, refused, locked, damaged, interrupted."""

import sqlite3
import stat
from pathlib import Path

import pytest
from alert_book import SEEN, Told, at, dump, seen

from expectations.alerts import migrations
from expectations.alerts.book import BookError, open_book
from expectations.alerts.decisions import Person, acknowledge


def test_a_new_book_is_private_complete_and_safe(tmp_path: Path) -> None:
    path = tmp_path / "home" / "alerts.sqlite"
    with open_book(path) as book:
        (version,) = book.rows("pragma user_version")[0]
        (synchronous,) = book.rows("pragma synchronous")[0]
        first = book.book_id
    assert version == len(migrations.MIGRATIONS)
    assert synchronous == 2, "FULL"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_book(path) as book:
        assert book.book_id == first
    with open_book(tmp_path / "other.sqlite") as book:
        assert book.book_id != first


def test_a_newer_book_is_refused(told: Told) -> None:
    told.hear(0, seen())
    with sqlite3.connect(told.path) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(BookError, match=r"version 99.*\n.*alerts.sqlite\n.*newer version"):
        told.hear(1, seen())


def test_an_older_book_is_brought_up_to_date_once(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.hear(0, seen())
    later = (*migrations.MIGRATIONS, ("alter table alerts add column ticket text",))
    monkeypatch.setattr("expectations.alerts.book.MIGRATIONS", later)
    for _ in range(2):
        (row,) = told.rows("select ticket, rule from alerts")
        assert tuple(row) == (None, "next_step")
    assert tuple(told.rows("pragma user_version")[0]) == (len(later),)


def test_a_migration_that_fails_leaves_the_book_as_it_was(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.hear(0, seen())
    with open_book(told.path) as book:
        before = dump(book)
    broken = (*migrations.MIGRATIONS, ("alter table alerts add column ticket text", "no sql"))
    monkeypatch.setattr("expectations.alerts.book.MIGRATIONS", broken)
    with pytest.raises(BookError):
        told.hear(1, seen())
    monkeypatch.undo()
    with open_book(told.path) as book:
        assert dump(book) == before


def test_another_file_is_not_taken_for_a_book(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table mine (x)")
    with pytest.raises(BookError, match="no book of alerts"), open_book(path):
        pass


@pytest.mark.parametrize("place", [0, 100, 4096])
def test_a_damaged_book_is_told(told: Told, place: int) -> None:
    for hour in range(4):
        told.hear(hour, *(seen(scope=f"team:{n}") for n in range(30)))
    content = bytearray(told.path.read_bytes())
    content[place : place + 3000] = b"\xff" * 3000
    told.path.write_bytes(content)
    with pytest.raises(BookError, match="book of alerts is damaged") as caught:
        told.hear(9, *(seen(scope=f"team:{n}") for n in range(30)))
    assert "alerts.sqlite" in str(caught.value)


def test_a_locked_book_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.hear(0, seen())
    monkeypatch.setattr("expectations.alerts.book._PATIENCE_SECONDS", 0.05)
    with sqlite3.connect(told.path) as other:
        other.execute("begin exclusive")
        with pytest.raises(BookError, match="locked by another program"):
            told.hear(1, seen())
    assert told.hear(1, seen()).moved == {"opened": 1}


def test_a_book_can_be_used_after_a_change_that_failed(told: Told) -> None:
    with open_book(told.path) as book:
        with pytest.raises(ZeroDivisionError), book.transaction() as connection:
            connection.execute("insert into facts values ('half', 'done')")
            raise ZeroDivisionError
        with book.transaction() as connection:
            connection.execute("insert into facts values ('whole', 'done')")
        assert (book.fact("half"), book.fact("whole")) == (None, "done")


def test_a_failure_within_an_evaluation_changes_nothing(told: Told) -> None:
    """Broken at each statement in turn: alerts, transitions and notices agree in any case."""
    told.hear(0, seen())
    with open_book(told.path) as book:
        before = dump(book)
    statements = 0
    while True:
        statements += 1
        if not interrupted(told, statements):
            break
        with open_book(told.path) as book:
            assert dump(book) == before, f"interrupted before statement {statements}"
    assert statements > 8
    assert told.story() == ["opened"]
    assert told.notices() == [("opened", "pager")]


def interrupted(told: Told, statement: int) -> bool:
    """Evaluate with a connection that breaks before the n-th statement; whether it broke."""
    from expectations.alerts.evaluation import evaluate

    left = [statement]

    class Broken(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if sql != "rollback":
                left[0] -= 1
                if left[0] == 0:
                    raise KeyboardInterrupt
            return super().execute(sql, *values)  # type: ignore[arg-type]

    with open_book(told.path) as book:
        book.connection = sqlite3.connect(told.path, isolation_level=None, factory=Broken)
        book.connection.row_factory = sqlite3.Row
        try:
            evaluate(book, [seen()], as_of=at(1), now=at(1), policy=told.policy)
        except KeyboardInterrupt:
            return True
        finally:
            book.connection.close()
    return False


def test_two_programs_may_use_the_book_in_turn(told: Told) -> None:
    told.hear(0, seen())
    with open_book(told.path) as one:
        told.hear(1, seen())
        acknowledge(one, SEEN.fingerprint, Person("ada", at(2)))
    assert told.story() == ["opened", "acknowledged"]
