"""The published marts once more as Parquet, a folder per mart, for tools that read no DuckDB.

`published/parquet` is a link to the folder of one version, swapped by a rename once every file is
written. The folder says of itself which version it is, in its table `published`.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

import duckdb

from serving.catalogue import CATALOGUE, OWN_TABLES
from serving.fingerprints import SCHEMA, attach, mart_names
from serving.quoting import name_of, quoted
from serving.versions import LINK, current_version, sweep, sync, versions

PARQUET = "parquet"


class ParquetCopy(NamedTuple):
    """The Parquet files of a version. `unchanged` tables are the files of the version before."""

    version: str
    path: Path
    tables: int
    unchanged: int
    is_new: bool


def copy_to_parquet(folder: Path) -> ParquetCopy:
    """Have folder/parquet hold the version that folder/marts.duckdb points to.

    A table that did not change is the very file of the version before (a hard link).
    """
    version = current_version(folder)
    assert version is not None, "there is something to copy"
    sweep(folder)
    final = folder / f"parquet-{version}"
    with duckdb.connect() as connection:
        attach(connection, (folder / LINK).resolve(), "published")
        tables = [*mart_names(connection, "published"), *OWN_TABLES]
        is_new = not final.is_dir()
        unchanged = _write(connection, tables, folder, final) if is_new else 0
    point_parquet_to(folder, version)
    _collect(folder)
    return ParquetCopy(version, folder / PARQUET, len(tables), unchanged, is_new)


def point_parquet_to(folder: Path, version: str) -> None:
    """Have readers of the Parquet files see this version; none of them where it has none."""
    if (folder / f"parquet-{version}").is_dir():
        link = folder / f".building-{version}.parquet.link"
        link.symlink_to(f"parquet-{version}")
        link.replace(folder / PARQUET)
    else:
        (folder / PARQUET).unlink(missing_ok=True)
    sync(folder)


def _write(
    connection: duckdb.DuckDBPyConnection, tables: list[str], folder: Path, final: Path
) -> int:
    before = _hashes(connection, f"read_parquet({quoted(str(_file(folder / PARQUET, CATALOGUE)))})")
    now = _hashes(connection, f"published.{SCHEMA}.{CATALOGUE}")
    building = folder / f".building-{final.name}"
    unchanged = 0
    for table in tables:
        target = _file(building, table)
        target.parent.mkdir(parents=True)
        if table in now and before.get(table) == now[table]:
            target.hardlink_to(_file(folder / PARQUET, table).resolve())
            unchanged += 1
        else:
            connection.execute(
                f"copy published.{SCHEMA}.{name_of(table)} to {quoted(str(target))} "
                "(format parquet, compression zstd)"
            )
        sync(target)
        sync(target.parent)
    sync(building)
    building.rename(final)
    return unchanged


def _file(folder: Path, table: str) -> Path:
    return folder / table / f"{table}.parquet"


def _hashes(connection: duckdb.DuckDBPyConnection, catalogue: str) -> dict[str, str]:
    try:
        found = connection.execute(f"select table_name, table_hash from {catalogue}").fetchall()
    except duckdb.IOException:  # There are no Parquet files yet.
        return {}
    return dict(found)


def _collect(folder: Path) -> None:
    """Delete the files of versions that are no longer kept."""
    kept = {f"parquet-{version}" for version in versions(folder)}
    for old in folder.glob("parquet-*"):
        if old.name not in kept:
            shutil.rmtree(old)
