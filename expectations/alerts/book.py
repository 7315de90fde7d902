"""The book of alerts: one SQLite file, the only state of the project that cannot be rebuilt."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from expectations.alerts.migrations import MIGRATIONS
from expectations.errors import ExpectationsError

# Tells this file from any other SQLite file ("PILO").
_APPLICATION_ID = 0x50494C4F
_PATIENCE_SECONDS = 30.0


class BookError(ExpectationsError):
    """The book cannot be read or written; nothing of what was going on has been kept."""


class Book:
    """An open book. Every change happens within `transaction`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Takes the book's write lock at once, so that no reading is stale.

        Raises BookError where the book is locked, corrupted or cannot be written.
        """
        with _plain(self.path):
            self.connection.execute("begin immediate")
            try:
                yield self.connection
                self.connection.execute("commit")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("rollback")
                raise

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """The rows of a select. Raises BookError."""
        with _plain(self.path):
            return self.connection.execute(sql, values).fetchall()

    def fact(self, name: str) -> str | None:
        """One of the few single values that the book keeps, None where it does not."""
        found = self.rows("select value from facts where name = ?", (name,))
        return str(found[0]["value"]) if found else None

    @property
    def book_id(self) -> str:
        """What tells this book from any other, also from one that replaced it."""
        return self.fact("book_id") or ""


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open the book, made or brought up to date where needed.

    Raises BookError for a file that is no book, is damaged, locked, or newer than this version.
    """
    is_new = not path.exists()
    with _plain(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_new:
            path.touch(mode=0o600)
        connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
    try:
        with _plain(path):
            connection.row_factory = sqlite3.Row
            # The rollback journal keeps the book one file, and FULL survives a power cut.
            connection.execute("pragma synchronous = full")
            connection.execute("pragma foreign_keys = on")
        _bring_up_to_date(path, connection)
        _check(path, connection)
        yield Book(path, connection)
    finally:
        connection.close()


@contextmanager
def reading_book(path: Path) -> Iterator[Book]:
    """Open a book that is there, as it is: nothing is made, written or brought up to date.

    Raises BookError as `open_book` does.
    """
    with _plain(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", timeout=_PATIENCE_SECONDS, uri=True
        )
    try:
        connection.row_factory = sqlite3.Row
        _version(connection, path)
        _check(path, connection)
        yield Book(path, connection)
    finally:
        connection.close()


def copy_book(path: Path, copy: Path) -> None:
    """Copy a book as it stands at one instant, whoever writes meanwhile. Raises BookError."""
    with reading_book(path) as book, _plain(copy):
        copy.touch(mode=0o600)
        written = sqlite3.connect(copy)
        try:
            book.connection.backup(written)
        finally:
            written.close()


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    book = Book(path, connection)
    if _version(connection, path) == len(MIGRATIONS):
        return
    with book.transaction():
        # Read again under the lock: another process may have been faster.
        version = _version(connection, path)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        if version == 0:
            connection.execute(f"pragma application_id = {_APPLICATION_ID}")
            connection.execute("insert into facts values ('book_id', ?)", (uuid.uuid4().hex,))
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Milliseconds, and no decision is lost in silence. Raises BookError for a damaged book."""
    with _plain(path):
        found = connection.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(path)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    with _plain(path):
        version = int(connection.execute("pragma user_version").fetchone()[0])
        application = int(connection.execute("pragma application_id").fetchone()[0])
        tables = int(connection.execute("select count(*) from sqlite_master").fetchone()[0])
    if tables and application != _APPLICATION_ID:
        raise BookError(
            "This file is no book of alerts.",
            str(path),
            "Move it elsewhere; a new book is made where there is none.",
        )
    if version > len(MIGRATIONS):
        raise BookError(
            f"The book of alerts has version {version}, this program knows {len(MIGRATIONS)}.",
            str(path),
            "Use the newer version of the program that wrote it.",
        )
    return version


@contextmanager
def _plain(path: Path) -> Iterator[None]:
    """Say what SQLite complains about, and what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a fault of the program: its stack trace says more than a message
    except (sqlite3.DatabaseError, OSError) as error:
        raise _told(path, error) from error


def _told(path: Path, error: Exception) -> BookError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BookError(
            "The book of alerts is locked by another program.",
            str(path),
            "Wait for its end and try again; nothing has been changed.",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path)
    return BookError(
        f"The book of alerts cannot be used: {error}.",
        str(path),
        "Check the folder's rights and the space on the disk, then run again.",
    )


def _damaged(path: Path) -> BookError:
    return BookError(
        "The book of alerts is damaged.",
        str(path),
        "Put back its last backup, or move it away: a new book is made at the next run, "
        "without acknowledgements and without memory of what has been told.",
    )
