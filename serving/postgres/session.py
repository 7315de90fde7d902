"""The mirror's session on the server: its address, its settings, alone among mirrors."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from serving.postgres import ADDRESS_VARIABLE
from serving.postgres.errors import MirrorError, refusals_told, unreachable

OLDEST = 15
LOCK_SECONDS = 10
_PORTS = re.compile(r"[0-9,]*")
# Of a line that went silent the operating system would tell after two hours.
_LINE = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 60_000}
# Texts of dates and instants as the partitions' keys spell them, and no names but our own.
_SETTINGS = (
    "set search_path = pg_catalog",
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
    "set standard_conforming_strings = on",
    "set client_min_messages = warning",
)


@dataclass(frozen=True)
class Session:
    """A connection that commits each statement unless within `transaction`. place: for messages."""

    connection: psycopg.Connection
    place: str

    def execute(self, statement: str, values: Sequence[Any] = ()) -> psycopg.Cursor:
        """One statement; without values a % in it is a %."""
        return self.connection.execute(statement, values or None)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.execute(query, values).fetchall()

    def holds(self, condition: str, values: Sequence[Any] = ()) -> bool:
        """Whether a condition is true."""
        return bool(self.rows(f"select {condition}", values)[0][0])

    @contextmanager
    def at(self, table: str) -> Iterator[None]:
        """Name the table where the server refuses something in here."""
        with refusals_told(f"table {table} in {self.place}", self.connection):
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All in here, or nothing."""
        with self.connection.transaction():
            yield


@contextmanager
def opened(address: str, lock_seconds: int = LOCK_SECONDS) -> Iterator[Session]:
    """Connect; raises MirrorError where that fails or the server is not fit for a mirror."""
    connection, place = _connected(address)
    with connection, refusals_told(place, connection):
        for setting in (*_SETTINGS, f"set lock_timeout = '{lock_seconds}s'"):
            connection.execute(setting)
        connection.execute("set client_encoding = 'UTF8'")
        # Goes with the session; a killed mirror's may outlive it by the statement it was in.
        connection.execute("select pg_advisory_lock(hashtext('pilotage mirror'))")
        yield Session(connection, place)


def check_mirror(address: str) -> str:
    """Connect and no more; returns what it reached. Raises MirrorError as `opened` does."""
    connection, place = _connected(address)
    connection.close()
    return place


def _connected(address: str) -> tuple[psycopg.Connection, str]:
    given = address_parts(address)
    place = _place(given)
    try:
        connection = psycopg.connect(
            **{**_LINE, "application_name": "pilotage", **given}, autocommit=True
        )
    except psycopg.Error as error:
        raise unreachable(error, place, str(given.get("password", ""))) from None
    try:
        with refusals_told(place, connection):
            _refuse_unfit(connection, place)
    except MirrorError:
        connection.close()
        raise
    return connection, place


def address_parts(address: str) -> dict[str, Any]:
    """What an address names, without a connection; raises MirrorError where it is none."""
    try:
        given = dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        # Its message quotes the address.
        given = {"host": "@"}
    # Of a password with an @ or / in it, a part is taken for the host, the port or the database.
    torn = f"{given.get('host', '')}{given.get('dbname', '')}"
    if not given or "@" in torn or not _PORTS.fullmatch(str(given.get("port", ""))):
        raise MirrorError(
            f"{ADDRESS_VARIABLE} is no address of a PostgreSQL database",
            where=f"environment variable {ADDRESS_VARIABLE}",
            remedy="write postgresql://user:password@host:5432/database, and in the password"
            " %40 for @, %2F for /, %3A for :",
        )
    return given


def _place(given: dict[str, Any]) -> str:
    host = given.get("host") or given.get("hostaddr") or "this machine"
    port = f":{given['port']}" if given.get("port") else ""
    name = given.get("dbname") or "of the user's name"
    return f"database {name} at {host}{port} ({ADDRESS_VARIABLE})"


def _refuse_unfit(connection: psycopg.Connection, place: str) -> None:
    version = connection.info.server_version
    if version < OLDEST * 10_000:
        raise MirrorError(
            f"The server is PostgreSQL {version // 10_000}; the mirror needs {OLDEST} or later",
            where=place,
            remedy=f"upgrade the server, or give {ADDRESS_VARIABLE} the address of another one",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise MirrorError(
            f"The database is encoded in {encoding}, which does not hold every character",
            where=place,
            remedy="create it with: create database ... encoding 'UTF8' template template0",
        )
