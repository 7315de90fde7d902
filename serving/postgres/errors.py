"""What PostgreSQL refused, said to a person without quoting a value or an address."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from serving.postgres import ADDRESS_VARIABLE

# What a failed connection means, by words that stand in libpq's message (it carries no SQLSTATE).
_UNREACHABLE = {
    "refused": "nobody answers there",
    "timeout": "nobody answers there in time",
    "no such file": "nobody answers there",
    "resolve host": "the name of the host is unknown",
    "translate host name": "the name of the host is unknown",
    "password": "the server does not let this user in",
    "pg_hba.conf": "the server does not let this user in",
    "role": "the server does not let this user in",
    "database": "the server has no such database, or does not let this user into it",
    "ssl": "client and server do not agree on TLS",
}
# SQLSTATE -> what happened, what to do.
_REFUSED = {
    psycopg.errors.InsufficientPrivilege: (
        "the user of the mirror lacks a right",
        "let an administrator give the right named above, or the ownership of the schemas marts "
        "and pilotage_staging",
    ),
    psycopg.errors.LockNotAvailable: (
        "another session holds what was to be written (lock_timeout)",
        "readers never do, unless a mart's columns have changed: find the session in "
        "pg_stat_activity, let it end",
    ),
    psycopg.errors.ReadOnlySqlTransaction: (
        "the server takes no writes, as a standby does",
        "give the address of the primary",
    ),
    psycopg.errors.DiskFull: ("the disk of the server is full", "make room there"),
    psycopg.errors.QueryCanceled: (
        "the server gave up a statement (statement_timeout, or an administrator)",
        "lift the timeout for the user of the mirror",
    ),
    psycopg.errors.DependentObjectsStillExist: (
        "a view or function of somebody else depends on a mart whose columns have changed",
        "drop it there and make it anew after the next run",
    ),
}
_OTHERWISE = ("the server refused a statement", "mend what the server names in the terminal")


class MirrorError(Exception):
    """What happened, where, what to do; the mirror stays as it was, whole.

    `excerpt` may quote values and is no part of `str()`: for the terminal alone.
    """

    def __init__(self, what: str, *, where: str, remedy: str, excerpt: str = "") -> None:
        super().__init__(f"{what}\n  where: {where}\n  what to do: {remedy}")
        self.what = what
        self.where = where
        self.remedy = remedy
        self.excerpt = excerpt


def unreachable(error: psycopg.Error, place: str, password: str) -> MirrorError:
    """What to say where no connection came about."""
    words = " ".join(str(error).split())
    if password:
        words = words.replace(password, "***")
    meant = (told for word, told in _UNREACHABLE.items() if word in words.lower())
    what = next(meant, "no connection came about")
    return MirrorError(
        f"The PostgreSQL of the mirror cannot be reached: {what}",
        where=place,
        remedy=f"look at the server and at {ADDRESS_VARIABLE}",
        excerpt=words,
    )


@contextmanager
def refusals_told(place: str, connection: psycopg.Connection) -> Iterator[None]:
    """Turn what psycopg raises in here into a MirrorError that names the place."""
    try:
        yield
    except psycopg.Error as error:
        what, remedy = _meant(error, connection)
        raise MirrorError(
            f"PostgreSQL could not be written: {what}",
            where=place,
            remedy=remedy,
            excerpt=" ".join(str(error).split()),
        ) from None


def _meant(error: psycopg.Error, connection: psycopg.Connection) -> tuple[str, str]:
    if connection.broken or connection.closed:
        return "the connection broke", "look at the server and the line to it"
    for kind, (what, remedy) in _REFUSED.items():
        if isinstance(error, kind):
            # The names of objects, no values.
            is_named = isinstance(error, psycopg.errors.InsufficientPrivilege)
            return (f"{what}: {error.diag.message_primary}" if is_named else what), remedy
    return f"{_OTHERWISE[0]} (SQLSTATE {error.sqlstate})", _OTHERWISE[1]
