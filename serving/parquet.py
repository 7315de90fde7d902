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
from serving.versions import (
    FOR_READING,
    LINK,
    PublicationError,
    current_version,
    is_long_superseded,
    swap_link,
    sweep,
    sync,
    versions,
)

PARQUET = "parquet"
FOLDER_FOR_READING = 0o755


class ParquetCopy(NamedTuple):
    """The Parquet files of a version. `unchanged` tables are the files of the version before."""

    version: str
    path: Path
    tables: int
    unchanged: int
    is_new: bool


def copy_to_parquet(folder: Path) -> ParquetCopy:
    """Have folder/parquet hold the version that folder/marts.duckdb points to.

    A table that did not change is the very file of the version before (a hard link). One whose file
    somebody deleted is written anew. Raises PublicationError where nothing is published.
    """
    version = current_version(folder)
    if version is None:
        raise PublicationError("Nothing is published.", "run the chain first")
    sweep(folder)
    final = folder / f"parquet-{version}"
    with duckdb.connect() as connection:
        attach(connection, (folder / LINK).resolve(), "published")
        tables = [*mart_names(connection, "published"), *OWN_TABLES]
        missing = [table for table in tables if not _file(final, table).is_file()]
        unchanged = _write(connection, missing, folder, final) if missing else 0
    point_parquet_to(folder, version)
    _collect(folder)
    return ParquetCopy(version, folder / PARQUET, len(tables), unchanged, bool(missing))


def point_parquet_to(folder: Path, version: str) -> bool:
    """Have readers of the Parquet files see this version, else none; return whether it has any."""
    if has_files := (folder / f"parquet-{version}").is_dir():
        swap_link(folder / PARQUET, f"parquet-{version}")
    else:
        (folder / PARQUET).unlink(missing_ok=True)
    sync(folder)
    return has_files


def _write(
    connection: duckdb.DuckDBPyConnection, tables: list[str], folder: Path, final: Path
) -> int:
    """Write files of a version: into a folder that is built, or those that its own lacks."""
    before = _hashes(connection, f"read_parquet({quoted(str(_file(folder / PARQUET, CATALOGUE)))})")
    now = _hashes(connection, f"published.{SCHEMA}.{CATALOGUE}")
    building = final if final.is_dir() else folder / f".building-{final.name}"
    building.mkdir(exist_ok=True)
    unchanged = 0
    for table in tables:
        known = _file(folder / PARQUET, table).resolve()
        part = folder / f".building-{table}.parquet"
        if table in now and before.get(table) == now[table] and known.is_file():
            part.hardlink_to(known)
            unchanged += 1
        else:
            connection.execute(
                f"copy published.{SCHEMA}.{name_of(table)} to {quoted(str(part))} "
                "(format parquet, compression zstd)"
            )
        _put(part, _file(building, table))
    building.chmod(FOLDER_FOR_READING)
    sync(building)
    if building != final:
        building.rename(final)
    return unchanged


def _put(part: Path, target: Path) -> None:
    """Have a file that was written whole be what readers open, whatever the umask of the run."""
    part.chmod(FOR_READING)
    sync(part)
    target.parent.mkdir(exist_ok=True)
    target.parent.chmod(FOLDER_FOR_READING)
    part.replace(target)
    sync(target.parent)


def _file(folder: Path, table: str) -> Path:
    return folder / table / f"{table}.parquet"


def _hashes(connection: duckdb.DuckDBPyConnection, catalogue: str) -> dict[str, str]:
    try:
        found = connection.execute(f"select table_name, table_hash from {catalogue}").fetchall()
    except duckdb.Error:  # There are no Parquet files yet, or somebody broke this one.
        return {}
    return dict(found)


def _collect(folder: Path) -> None:
    """Delete the files of versions that are no longer kept, once their readers are done."""
    kept = {f"parquet-{version}" for version in versions(folder)}
    for old in folder.glob("parquet-*"):
        if old.name not in kept and is_long_superseded(old):
            shutil.rmtree(old)
