"""Publication: write a new file, audit it, swap it in. Readers see the old one or the new one."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
from serving.descriptions import Descriptions, comment_statements, read_descriptions
from serving.fingerprints import (
    SCHEMA,
    attach,
    checksum,
    mart_names,
    quoted,
    row_count,
    table_hash,
)
from serving.history import compare_days, unexplained, write_days

LINK = "marts.duckdb"
CHECK_RESULTS = "fct_check_results"
KEPT_VERSIONS = 3
KEPT_SECONDS = 15 * 60
# The oldest format with today's compression; DuckDB 1.2 and later read it.
STORAGE_VERSION = "v1.2.0"
# To the microsecond: two versions of one second must be told apart by their age, not their hash.
VERSION = re.compile(r"marts-(\d{8}T\d{6}(?:\d{6})?Z-[0-9a-f]{12})\.duckdb")


class PublicationError(Exception):
    """The new version did not pass; what was published before stays as it is."""


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
    """

    version: str
    link: Path
    marts: tuple[Mart, ...]
    is_new: bool
    rewritten: tuple[date, ...] = ()


def publish(
    warehouse: Path,
    folder: Path,
    *,
    company: str,
    as_of_at: datetime,
    marts: Collection[str],
    manifest: Path | None = None,
) -> Publication:
    """Publish the marts named, tables in the schema marts of the warehouse, as folder/marts.duckdb.

    Other tables there stay behind: a mart that the project no longer has is not dropped by dbt, and
    a warehouse built anew would not hold it.
    manifest: dbt's manifest.json, whose descriptions become comments on tables and columns.
    Raises PublicationError where a mart is missing, the marts were not judged, a blocking check
    failed or the file written does not hold what the warehouse holds. One writer at a time, readers
    at any time.
    """
    _sweep(folder)
    with duckdb.connect() as connection:
        attach(connection, warehouse, "work")
        _refuse_missing(connection, marts)
        _refuse_failed_checks(connection)
        found = _read_marts(connection, "work", marts)
        descriptions = read_descriptions(connection, "work", marts, manifest)
        content = _content_hash(company, as_of_at, found, descriptions)
        current = current_version(folder)
        if current and current.endswith(content):
            return Publication(current, folder / LINK, found, is_new=False)
        version = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{content}"
        building = folder / f".building-{version}.duckdb"
        days = compare_days(connection, marts, folder / LINK, company, as_of_at)
        with _written_at_once(connection, building):
            _write(connection, found, descriptions)
            _write_catalogue(connection, version, company, as_of_at, found)
            write_days(connection, "target", days)
            _describe_itself(connection)
    _audit(building, warehouse, marts)
    _swap(building, folder, version)
    _collect(folder)
    return Publication(version, folder / LINK, found, is_new=True, rewritten=unexplained(days))


def current_version(folder: Path) -> str | None:
    """The version that marts.duckdb points to; None where nothing is published."""
    link = folder / LINK
    match = VERSION.fullmatch(link.resolve().name) if link.exists() else None
    return match[1] if match else None


def versions(folder: Path) -> list[str]:
    """The versions that are kept, oldest first."""
    return sorted(match[1] for p in folder.iterdir() if (match := VERSION.fullmatch(p.name)))


def _sweep(folder: Path) -> None:
    """Delete what a killed run left."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(".building-*"):
        if stale.is_dir():
            shutil.rmtree(stale)
        else:
            stale.unlink()


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
        connection.execute(
            f'create table target.{SCHEMA}."{mart.name}" as from work.{SCHEMA}."{mart.name}"'
        )
    create_macros(connection, "target", [mart.name for mart in marts])
    for statement in comment_statements("target", descriptions):
        connection.execute(statement)


def _write_catalogue(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    company: str,
    as_of_at: datetime,
    marts: tuple[Mart, ...],
) -> None:
    columns = ", ".join(f"{name} {data_type}" for name, (data_type, _) in COLUMNS.items())
    connection.execute(f"create table target.{SCHEMA}.{CATALOGUE} ({columns})")
    if marts:
        connection.executemany(
            f"insert into target.{SCHEMA}.{CATALOGUE} values (?, ?, ?, ?, ?, ?)",
            [[version, company, mart.name, mart.hash, mart.rows, as_of_at] for mart in marts],
        )


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


def _swap(building: Path, folder: Path, version: str) -> None:
    """Put the audited file in place. Each step is one rename, so a crash leaves old or new."""
    building.chmod(0o644)  # the warehouse is for its owner alone, this is for whoever may enter
    _sync(building)
    final = folder / f"marts-{version}.duckdb"
    building.rename(final)
    link = folder / f".building-{version}.link"
    link.symlink_to(final.name)
    link.replace(folder / LINK)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _collect(folder: Path) -> None:
    """Delete old versions, but never one that a slow reader may just be opening."""
    kept = {*versions(folder)[-KEPT_VERSIONS:], current_version(folder)}
    for version in versions(folder):
        path = folder / f"marts-{version}.duckdb"
        if version not in kept and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink()
