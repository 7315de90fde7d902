"""PostgreSQL, MySQL and MariaDB as sources, read through DuckDB's scanners.

The server itself casts every value to text: no scanner then rounds a numeric without precision,
drops an offset or turns the day 0000-00-00 into nothing, and the casts at the door judge database
values as strictly as those of a file. Only declared columns and wanted rows leave the server.
"""

import importlib.resources
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import duckdb

from ingest.casts import literal
from ingest.cursors import Wanted
from ingest.dialects import DIALECTS, Dialect, SourceColumn, TableQuery
from ingest.errors import DeliveryError, UnreachableError
from ingest.secrets import Secrets, variable_name
from ingest.tables import Source, Table

# What DuckDB puts before the server's own words: its label, our query or our connection's options.
OUR_OWN_WORDS = re.compile(
    r"^\w+ Error: |( at)? \"(options=|COPY |select |set statement ).*\"(?=: )", re.S
)

# What a server says may quote a value; what it means, by words that stand in it, does not.
MEANINGS = {
    "connection refused": "nobody answers there",
    "can't connect to": "nobody answers there",
    "could not translate host name": "the name of the host is unknown",
    "unknown server host": "the name of the host is unknown",
    "unknown mysql server host": "the name of the host is unknown",
    "password authentication failed": "the server does not let this user in",
    "access denied": "the server does not let this user in",
    "permission denied": "the user lacks a right",
    "statement timeout": "a statement took longer than statement_timeout",
    "maximum statement execution time": "a statement took longer than statement_timeout",
    "max_statement_time": "a statement took longer than statement_timeout",
    "read-only transaction": "a statement would have written",
    "invalid input syntax": "the server cannot cast a value",
    "server closed the connection": "the connection broke",
    "lost connection": "the connection broke",
}

# Of these, what asking again may cure.
PASSING = {"nobody answers there", "the name of the host is unknown", "the connection broke"}

# Which types of a source can hold what a declared type promises; varchar takes all.
FITTING = {
    "bigint": {"whole", "exact"},
    "decimal": {"whole", "exact", "floating"},
    "double": {"whole", "exact", "floating"},
    "boolean": {"boolean", "whole"},
    "date": {"date"},
    "timestamp": {"instant", "local"},
}


def fetch_database(source: Source, wanted: Sequence[Wanted], folder: Path) -> None:
    """Write one Parquet file per table into folder, all of one and the same state of the database.

    DeliveryError when the database cannot be read, or no longer has what is declared.
    """
    with _queried(source, wanted) as (con, queries):
        timeout = source.tables[0].terms.statement_timeout
        DIALECTS[source.connector].copy(con, queries, folder, timeout)


def check_database(source: Source) -> None:
    """Ask for what is declared, and for no row. DeliveryError as `fetch_database`."""
    with _queried(source, [Wanted(table, None) for table in source.tables]):
        pass


def state_of(source: Source) -> str:
    """How many rows each table has and the greatest cursor among them, as one text to compare.

    A table without a cursor tells changes by its number of rows alone. DeliveryError as above.
    """
    dialect = DIALECTS[source.connector]
    told = []
    with _queried(source, [Wanted(table, None) for table in source.tables]) as (con, _):
        for table in source.tables:
            cursor = table.terms.cursor
            newest = f", max({dialect.quoted(cursor)}) as newest" if cursor else ""
            relation = dialect.relation(table.terms.relation or table.name)
            (seen,) = dialect.ask(con, f"select count(*) as row_count{newest} from {relation}")
            told.append(f"{table.name}: {', up to '.join(map(str, seen))}")
    return "; ".join(told)


@contextmanager
def _queried(
    source: Source, wanted: Sequence[Wanted]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[TableQuery]]]:
    secrets = Secrets(source)
    dialect = DIALECTS[source.connector]
    try:
        with _attached(source, dialect, secrets) as con:
            yield con, [_query(con, source, dialect, one) for one in wanted]
    except duckdb.Error as error:
        words = _plainly(error, secrets)
        meant = _meant(error, words)
        kind = UnreachableError if meant.partition(", ")[0] in PASSING else DeliveryError
        raise kind(
            f"source {source.name} could not be read: {meant}",
            where=f"the database of {variable_name(source)}, declared in {source.path}",
            excerpt=words,
            remedy="nothing was delivered; mend what is named above, then run again",
        ) from None


@contextmanager
def _attached(
    source: Source, dialect: Dialect, secrets: Secrets
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a scratch DuckDB in which the source is the read-only database `src`."""
    address = _address(source, dialect, secrets)
    con = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    try:
        con.execute("set enable_progress_bar = false")
        con.execute(f"load {literal(str(_extension(dialect.extension)))}")
        con.execute(f"create secret source_secret ({_secret(address, dialect)})")
        options = dialect.options(source.tables[0].terms.statement_timeout, address)
        con.execute(
            f"attach {literal(options)} as src (type {dialect.name}, read_only,"
            " secret source_secret)"
        )
        for setting in dialect.settings:
            con.execute(setting)
        con.execute("begin")
        yield con
    finally:
        # A transaction on a broken line must be ended before the connection is: DuckDB dies of
        # the other order.
        with suppress(duckdb.Error):
            con.execute("rollback")
        con.close()


def _extension(name: str) -> Path:
    """The extension of the installed wheel: nothing is downloaded, nothing is copied."""
    package = importlib.resources.files(f"duckdb_extension_{name}")
    path = package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return Path(str(path))


def _address(source: Source, dialect: Dialect, secrets: Secrets) -> SplitResult:
    text = secrets.value()
    try:
        address = urlsplit(text)
        is_usable = address.scheme in dialect.schemes and bool(address.path.strip("/"))
        is_usable = is_usable and (address.port or 0) >= 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise DeliveryError(
            f"{variable_name(source)} is no address of a {dialect.name} database",
            where=f"source {source.name}, declared in {source.path}",
            remedy=f"write {dialect.schemes[0]}://user:password@host:port/database",
        )
    if address.password:
        secrets.hide(unquote(address.password))
    return address


def _secret(address: SplitResult, dialect: Dialect) -> str:
    """The address as a secret of DuckDB, whose errors do not tell it."""
    options = dict(parse_qsl(address.query))
    parts = {
        "host": options.get("host") or address.hostname or "",
        "port": str(address.port or ""),
        "user": unquote(address.username or ""),
        "password": unquote(address.password or ""),
        "database": unquote(address.path.strip("/")),
    }
    given = [f"{name} {literal(value)}" for name, value in parts.items() if value]
    return ", ".join([f"type {dialect.name}", *given])


def _query(
    con: duckdb.DuckDBPyConnection, source: Source, dialect: Dialect, wanted: Wanted
) -> TableQuery:
    table = wanted.table
    relation = table.terms.relation or table.name
    found = dialect.columns(con, relation)
    if not found:
        raise DeliveryError(
            f"the database of source {source.name} shows no table {relation!r}",
            where=f"table {table.name}, declared in {source.path}",
            remedy="mend `relation` in the declaration, or grant select on the table",
        )
    _refuse_strangers(source, table, relation, found)
    texts = [dialect.as_text(found[column.name]) for column in table.columns]
    query = f"select {{}} from {dialect.relation(relation)}"
    if wanted.reach is not None:
        query += " where " + _since(dialect, found[table.terms.cursor], wanted)
    declared = [column.name for column in table.columns]
    extra = [name for name in found if name not in declared]
    return TableQuery(table.name, query, tuple(texts), tuple(declared), tuple(extra))


def _since(dialect: Dialect, cursor: SourceColumn, wanted: Wanted) -> str:
    """Ties are read again; what has no cursor at all is read each time, or it never would be."""
    assert wanted.reach is not None
    is_local = cursor.family == "local"
    zone = wanted.table.terms.time_zone
    value = wanted.reach.as_local(zone) if is_local else wanted.reach.as_utc()
    if cursor.family == "instant":
        value += dialect.utc_mark
    name = dialect.quoted(cursor.name)
    return f"({name} >= {literal(value)} or {name} is null)"


def _refuse_strangers(
    source: Source, table: Table, relation: str, found: dict[str, SourceColumn]
) -> None:
    where = f"{relation} in the database of source {source.name}, table {table.name}"
    missing = [column.name for column in table.columns if column.name not in found]
    if missing:
        raise DeliveryError(
            f"declared column {', '.join(map(repr, missing))} of {table} is missing",
            where=f"{where}; it has: {', '.join(found)}",
            remedy="mend the declaration: take the column out, or give it its new name",
        )
    for column in table.columns:
        held = found[column.name]
        if held.family not in FITTING.get(column.kind, {held.family}):
            raise DeliveryError(
                f"column {column.name!r} of {table} is {held.data_type} in the database,"
                f" declared {column.data_type}",
                where=where,
                remedy="declare the type that the database has now, and mend what reads it",
            )


def _meant(error: duckdb.Error, words: str) -> str:
    """Our own words for what went wrong, and in which table, where that is known."""
    lowered = words.lower()
    found = (meaning for said, meaning in MEANINGS.items() if said in lowered)
    meant = next(found, "what the server says is shown in the terminal of the run alone")
    return ", ".join([meant, *getattr(error, "__notes__", ())])


def _plainly(error: duckdb.Error, secrets: Secrets) -> str:
    """What went wrong, without the query, the session's settings and any credential."""
    text = OUR_OWN_WORDS.sub("", str(error)).partition("\nLINE ")[0]
    return secrets.scrub(" ".join(text.split()))
