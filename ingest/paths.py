"""Path patterns: where deliveries lie and what their names say about the extraction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

PLACEHOLDER = re.compile(r"\{([^{}:]*):?([^{}]*)\}")
DIRECTIVES = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


@dataclass(frozen=True)
class PathPattern:
    """A relative path, one regular expression per folder level, deepest last."""

    levels: tuple[str, ...]
    dated: bool
    timed: bool
    utc: bool

    def matches(self, folder: Path) -> Iterator[tuple[Path, datetime | None, bool]]:
        """Yield (file, what its path says, is that UTC) for each file of the pattern.

        The instant is naive; a pattern without a time of day means the day's last second; None
        where the pattern holds no date. ValueError, with the path, for a month 13.
        """
        for path, parts in _walk(folder, self.levels, {}):
            try:
                moment = self._instant(parts)
            except ValueError as error:
                raise ValueError(f"{path.relative_to(folder).as_posix()} ({error})") from error
            yield path, moment, self.utc

    def _instant(self, parts: dict[str, str]) -> datetime | None:
        if not self.dated:
            return None
        latest = {"H": "0", "M": "0", "S": "0"} if self.timed else {"H": "23", "M": "59", "S": "59"}
        numbers = {name: int(text) for name, text in {**latest, **parts}.items()}
        return _moment(*(numbers[name] for name in "YmdHMS"))


def path_pattern(path: str) -> PathPattern:
    """Read a declared path. ValueError says what is wrong with it."""
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError("it must be relative and must not climb with '..'")
    found = list(PLACEHOLDER.finditer(path))
    if len(found) > 1:
        raise ValueError("only one {extracted_at:...} is possible")
    if not found:
        return PathPattern(tuple(_literal(path).split("/")), False, False, False)
    name, form = found[0].groups()
    if name != "extracted_at":
        raise ValueError(f"unknown placeholder {{{name}}}, only {{extracted_at:<format>}} is known")
    directives = re.findall("%(.)", form)
    unknown = set(directives) - set(DIRECTIVES)
    if unknown or len(directives) != len(set(directives)) or not {"Y", "m", "d"} <= set(directives):
        raise ValueError("the format needs %Y %m %d, each once, and may have %H %M %S")
    before, after = path[: found[0].start()], path[found[0].end() :]
    whole = _literal(before) + _format_pattern(form) + _literal(after)
    timed = "H" in directives
    return PathPattern(tuple(whole.split("/")), True, timed, timed and form.endswith("Z"))


def to_utc(moment: datetime, is_utc: bool, time_zone: str) -> datetime:
    """Return the aware UTC instant of a naive one, local to time_zone unless it is UTC."""
    return moment.replace(tzinfo=UTC if is_utc else ZoneInfo(time_zone)).astimezone(UTC)


def example(path: str) -> str:
    """Return what a file of the pattern is called, for messages."""
    return named_after(path, _moment(2025, 12, 31, 21, 30, 0))


def named_after(path: str, moment: datetime) -> str:
    """Return what a file of the pattern is called that was extracted at that moment."""
    return PLACEHOLDER.sub(lambda found: moment.strftime(found[2]), path)


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes later


def _literal(text: str) -> str:
    """What stands in a path as it is; `*` stands for any part of one name."""
    return re.escape(text).replace(r"\*", ".*")


def _format_pattern(form: str) -> str:
    pieces = re.split("(%.)", form)
    return "".join(
        rf"(?P<{piece[1]}>\d{{{DIRECTIVES[piece[1]]}}})"
        if piece.startswith("%")
        else re.escape(piece)
        for piece in pieces
    )


def _walk(
    folder: Path, levels: tuple[str, ...], parts: dict[str, str]
) -> Iterator[tuple[Path, dict[str, str]]]:
    level, deeper = re.compile(levels[0], re.ASCII), levels[1:]
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        found = level.fullmatch(entry.name)
        if not found:
            continue
        named = {**parts, **found.groupdict()}
        if deeper:
            yield from _walk(entry, deeper, named)
        elif entry.is_file() or entry.is_symlink():
            yield entry, named
