"""Publication: write a new file, audit it, swap it in. Readers see the old one or the new one."""

import errno
import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from serving.any_day import MACROS, create_macros
from serving.catalogue import (
    CATALOGUE,
    COLUMNS,
    DESCRIPTION,
    HISTORY,
    HISTORY_COLUMNS,
    HISTORY_DESCRIPTION,
)
from serving.contracts import columns_declared
from serving.descriptions import Descriptions, comment_statements, read_descriptions
from serving.fingerprints import (
    SCHEMA,
    attach,
    checksum,
    mart_names,
    row_count,
    table_hash,
)
from serving.history import compare_days, unexplained, write_days
from serving.quoting import name_of, quoted
from serving.reading import LOCKED
from serving.versions import (
    LINK,
    PublicationError,
    collect,
    current_version,
    new_version,
    remove_stray_wals,
    swap_in,
    sweep,
    version_file,
)

CHECK_RESULTS = "fct_check_results"
# The oldest format with today's compression; DuckDB 1.2 and later read it.
STORAGE_VERSION = "v1.2.0"


@dataclass(frozen=True)
class Mart:
    """One table of a publication."""

    name: str
    rows: int
    hash: str


@dataclass(frozen=True)
class Publication:
    """What readers see now. `is_new` is False where the same content was published already.

    rewritten: days of the past that the publication before told otherwise, and no late data why.
    stray_wals: changes that somebody wrote beside a published file; they are removed.
    """

    version: str
    link: Path
    marts: tuple[Mart, ...]
    is_new: bool
    rewritten: tuple[date, ...] = ()
    stray_wals: tuple[str, ...] = ()


def publish(
    warehouse: Path,
    folder: Path,
    *,
    company: str,
    as_of_at: datetime,
    marts: Collection[str],
    manifest: Path | None = None,
    run_id: str = "",
) -> Publication:
    """Publish the marts named, tables in the schema marts of the warehouse, as folder/marts.duckdb.

    Other tables there stay behind: a mart that the project no longer has is not dropped by dbt, and
    a warehouse built anew would not hold it.
    manifest: dbt's manifest.json, whose descriptions become comments on tables and columns.
    run_id: the run that publishes, for marts.published.
    Raises PublicationError where a mart is missing, the marts were not judged, a blocking check
    failed or the file written does not hold what the warehouse holds. One writer at a time, readers
    at any time.
    """
    sweep(folder)
    stray_wals = remove_stray_wals(folder)
    with duckdb.connect() as connection:
        attach(connection, warehouse, "work")
        _refuse_missing(connection, marts)
        _refuse_failed_checks(connection)
        found = _read_marts(connection, "work", marts)
        descriptions = read_descriptions(connection, "work", marts, manifest)
        content = _content_hash(company, as_of_at, found, descriptions)
        current = _readable_version(connection, folder)
        if current and current.endswith(content) and not stray_wals:
            return Publication(current, folder / LINK, found, is_new=False)
        version = new_version(content)
        building = folder / f".building-{version}.duckdb"
        before = folder / LINK if current else None
        days = compare_days(connection, marts, before, company, as_of_at)
        with _whole_or_nothing(building), _written_at_once(connection, building):
            _write(connection, found, descriptions)
            _write_catalogue(connection, version, company, run_id, as_of_at, found)
            write_days(connection, "target", days)
            _describe_itself(connection)
    with _whole_or_nothing(building):
        _audit(building, warehouse, marts)
    swap_in(building, folder, version)
    collect(folder)
    return Publication(
        version,
        folder / LINK,
        found,
        is_new=True,
        rewritten=unexplained(days),
        stray_wals=stray_wals,
    )


def _readable_version(connection: duckdb.DuckDBPyConnection, folder: Path) -> str | None:
    """The version that readers see; None also for one that is damaged, which the new one replaces.

    Raises PublicationError where another program has it open for writing: it is no less good.
    """
    current = current_version(folder)
    if current is None:
        return None
    path = version_file(folder, current)
    try:
        connection.execute(f"attach {quoted(str(path))} as past (read_only)")
        connection.execute("select count(*) from duckdb_columns()").fetchall()
    # DuckDB's messages may quote bytes of the file that are no text.
    except (duckdb.Error, UnicodeDecodeError) as error:
        if LOCKED not in str(error):
            return None
        raise PublicationError(
            "The published file is open for writing in another program.",
            "close it there, and open it read_only (docs/bi.md); then run again",
        ) from error
    finally:
        connection.execute("detach database if exists past")
    return current


def _refuse_missing(connection: duckdb.DuckDBPyConnection, marts: Collection[str]) -> None:
    if missing := sorted({*marts} - {*mart_names(connection, "work")} - {CHECK_RESULTS}):
        raise PublicationError(f"These marts have not been built: {', '.join(missing)}.")


def _refuse_failed_checks(connection: duckdb.DuckDBPyConnection) -> None:
    if CHECK_RESULTS not in mart_names(connection, "work"):
        raise PublicationError(f"The marts have not been judged: marts.{CHECK_RESULTS} is missing.")
    failed = connection.execute(
        f"""
        select distinct check_name
        from work.marts.{CHECK_RESULTS}
        where is_blocking and status in ('failed', 'not_evaluated')
        order by check_name
        """
    ).fetchall()
    if failed:
        names = ", ".join(name for (name,) in failed)
        raise PublicationError(f"Blocking checks failed: {names}.")


def _read_marts(
    connection: duckdb.DuckDBPyConnection, database: str, names: Collection[str]
) -> tuple[Mart, ...]:
    return tuple(
        Mart(name, row_count(connection, database, name), table_hash(connection, database, name))
        for name in sorted(names)
    )


def _content_hash(
    company: str, as_of_at: datetime, marts: tuple[Mart, ...], descriptions: Descriptions
) -> str:
    catalogue = (DESCRIPTION, COLUMNS, HISTORY_DESCRIPTION, HISTORY_COLUMNS)
    content = (
        company,
        as_of_at.isoformat(),
        marts,
        sorted(descriptions.items()),
        MACROS,
        catalogue,
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


@contextmanager
def _whole_or_nothing(building: Path) -> Iterator[None]:
    """Delete what was written of a file that did not become whole; a full disk is told."""
    try:
        yield
    except Exception as error:
        for part in building.parent.glob(f"{building.name}*"):
            part.unlink()
        if os.strerror(errno.ENOSPC) in str(error):
            raise PublicationError(
                "The disk is full; nothing of the new version was kept.",
                "make room for one more version of the published file, then run again",
            ) from error
        raise


@contextmanager
def _written_at_once(connection: duckdb.DuckDBPyConnection, building: Path) -> Iterator[None]:
    """The file as `target`, in one commit: DuckDB waits for the disk at each, and there are a
    thousand comments.
    """
    connection.execute(
        f"attach {quoted(str(building))} as target (storage_version {quoted(STORAGE_VERSION)})"
    )
    connection.begin()
    yield
    connection.commit()
    connection.execute("checkpoint target")
    connection.execute("detach target")


def _write(
    connection: duckdb.DuckDBPyConnection,
    marts: tuple[Mart, ...],
    descriptions: Mapping[tuple[str, str], str],
) -> None:
    connection.execute(f"create schema target.{SCHEMA}")
    for mart in marts:
        name = f"{SCHEMA}.{name_of(mart.name)}"
        # Not as a select: that would forget which columns are never NULL.
        columns = columns_declared(connection, "work", mart.name)
        connection.execute(f"create table target.{name} ({columns})")
        connection.execute(f"insert into target.{name} from work.{name}")
    create_macros(connection, "target", [mart.name for mart in marts])
    for statement in comment_statements("target", descriptions):
        connection.execute(statement)


def _write_catalogue(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    company: str,
    run_id: str,
    as_of_at: datetime,
    marts: tuple[Mart, ...],
) -> None:
    run = (version, company, run_id)
    checks = _checks(connection)
    columns = ", ".join(f"{name} {data_type}" for name, (data_type, _) in COLUMNS.items())
    connection.execute(f"create table target.{SCHEMA}.{CATALOGUE} ({columns})")
    if marts:
        connection.executemany(
            f"insert into target.{SCHEMA}.{CATALOGUE} values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [[*run, mart.name, mart.hash, mart.rows, *checks, as_of_at] for mart in marts],
        )


def _checks(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many results of checks on the marts passed, and how many did not and do not block."""
    found = connection.execute(
        f"""
        select
            count(*) filter (where status = 'passed') as passed,
            count(*) filter (where status <> 'passed') as warned
        from work.{SCHEMA}.{CHECK_RESULTS}
        """
    ).fetchone()
    assert found is not None, "an aggregate gives one row"
    return found


def _describe_itself(connection: duckdb.DuckDBPyConnection) -> None:
    for table, description, columns in (
        (CATALOGUE, DESCRIPTION, COLUMNS),
        (HISTORY, HISTORY_DESCRIPTION, HISTORY_COLUMNS),
    ):
        described = {(table, name): text for name, (_, text) in columns.items()}
        for statement in comment_statements("target", {(table, ""): description, **described}):
            connection.execute(statement)


def _audit(building: Path, warehouse: Path, marts: Collection[str]) -> None:
    """Read the file as a reader will, and compare it with the warehouse."""
    if building.with_name(building.name + ".wal").exists():
        raise PublicationError("The file was closed with changes outside it (a .wal file is left).")
    with duckdb.connect() as connection:
        attach(connection, building, "target")
        attach(connection, warehouse, "work")
        written = {*mart_names(connection, "target")}
        odd = {*marts} ^ written | {
            mart
            for mart in {*marts} & written
            if checksum(connection, "target", mart) != checksum(connection, "work", mart)
        }
    if odd:
        raise PublicationError(
            f"Written and read back, these marts differ: {', '.join(sorted(odd))}."
        )
