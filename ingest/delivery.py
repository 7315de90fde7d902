"""Deliveries: the files of a table that lie in the company's deliveries folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import DeliveryError
from ingest.paths import example, path_pattern, to_utc
from ingest.tables import Source, Table


@dataclass(frozen=True, order=True)
class Delivery:
    """One delivered file. `name` is its path within the deliveries folder; `extracted_at` aware.

    is_correction: another content of that name has landed; `extracted_at` is then after its own.
    """

    extracted_at: datetime
    name: str
    path: Path
    is_correction: bool = False


def pending(source: Source, table: Table, folder: Path) -> list[Delivery]:
    """Return the deliveries of a table that lie in folder, by instant of extraction, then name.

    What has landed already is left to the lake to say. DeliveryError for a name that holds no
    instant and for a link that leads out of the folder.
    """
    home = folder.resolve()
    pattern = path_pattern(table.terms.path)
    found = []
    try:
        for path, moment, is_utc in pattern.matches(folder):
            name = path.relative_to(folder).as_posix()
            _refuse_stranger(path, home, name)
            found.append(Delivery(_extracted_at(table, moment, is_utc), name, path))
    except ValueError as error:
        raise DeliveryError(
            f"a delivery of {source.name}.{table.name} is named after an impossible instant",
            where=f"{error}, under {folder}",
            remedy=f"rename or remove it; expected e.g. {example(table.terms.path)}",
        ) from error
    return sorted(found)


def unread(sources: Iterable[Source], folder: Path) -> list[str]:
    """The names of the files that no table's path matches, sorted: misspelt, or of nobody."""
    read = {d.name for s in sources for table in s.tables for d in pending(s, table, folder)}
    seen = {path.relative_to(folder).as_posix() for path in files_shown(folder)}
    return sorted(seen - read)


def files_shown(folder: Path) -> Iterator[Path]:
    """The files below a folder without hidden ones: systems put those there, not people."""
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not is_hidden:
            yield path


def no_delivery(source: Source, folder: Path) -> DeliveryError:
    """Return the error of a source for which nothing at all was delivered."""
    if source.is_fetched:
        return DeliveryError(
            f"nothing was ever fetched of source {source.name}",
            where=f"declared in {source.path}",
            remedy="run `pilotage fetch`",
        )
    return DeliveryError(
        f"no delivery of source {source.name} found under {folder}",
        where=f"declared in {source.path}",
        remedy=f"put the export there, expected e.g. {example(source.tables[0].terms.path)}",
    )


def _extracted_at(table: Table, moment: datetime | None, is_utc: bool) -> datetime:
    if table.terms.extracted_at is not None:
        return table.terms.extracted_at.astimezone(UTC)
    assert moment is not None, "the contract guarantees a dated path or a fixed instant"
    return to_utc(moment, is_utc, table.terms.time_zone)


def _refuse_stranger(path: Path, home: Path, name: str) -> None:
    if not path.resolve().is_relative_to(home):
        raise DeliveryError(
            "a delivery is a link that leads out of the deliveries folder",
            where=name,
            remedy="put the file itself there",
        )
