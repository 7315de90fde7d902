"""The desk check: a company's CSV files are looked at before anything runs."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from ingest.errors import PilotageError
from orchestration.company import Company, nearest
from orchestration.places import DBT_PROJECT

DECLARATION = DBT_PROJECT / "models/desk/_desk__seeds.yml"


class DeskError(PilotageError):
    """A desk file that is missing or holds a line that cannot be used."""


@dataclass(frozen=True)
class Cell:
    """One value of a desk file and where it stands; line 1 is the header."""

    path: Path
    line: int
    column: str
    text: str


def declared_seeds() -> dict[str, dict[str, str]]:
    """Seed -> column -> data type, as declared for dbt."""
    seeds = yaml.safe_load(DECLARATION.read_text(encoding="utf-8"))["seeds"]
    return {seed["name"]: seed["config"]["column_types"] for seed in seeds}


def check_desk(company: Company) -> None:
    """Raise DeskError at the first file, line or value of the desk that cannot be used."""
    for seed, types in declared_seeds().items():
        for row in read_rows(company.desk / f"{seed}.csv", list(types)):
            for cell in row.values():
                _check_type(cell, types[cell.column])
    _check_fields_exist(company)
    _check_stages_exist(company)


def read_rows(path: Path, columns: list[str]) -> Iterator[dict[str, Cell]]:
    """The rows of one desk file by column. Raises DeskError where its shape is wrong."""
    if not path.is_file():
        raise DeskError(
            f"The desk file {path.name} is missing.",
            where=str(path),
            remedy=f"Add it with the header: {','.join(columns)}",
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeskError(
            "The desk file is not UTF-8.",
            where=f"{path}, byte {error.start + 1}",
            remedy="Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
        ) from error
    with io.StringIO(text, newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        _check_header(path, header, columns)
        for values in reader:
            if not values:
                continue
            if len(values) != len(header):
                raise DeskError(
                    f"The line has {len(values)} values, the header {len(header)}.",
                    where=f"{path}, line {reader.line_num}",
                    remedy="Put a text that holds a comma between double quotes.",
                )
            cells = zip(header, values, strict=True)
            yield {name: Cell(path, reader.line_num, name, text) for name, text in cells}


def conformed_entities() -> list[str]:
    """The entities that have a conformed model, whether or not a source fills it."""
    paths = DBT_PROJECT.glob("models/intermediate/**/int_*_conformed.sql")
    return sorted(path.stem.removeprefix("int_").removesuffix("_conformed") for path in paths)


def conformed_columns(entity: str) -> list[str]:
    """The columns that int_<entity>_conformed is declared to hold; none: no such entity."""
    path = DBT_PROJECT / f"models/intermediate/int_{entity}_conformed.sql"
    if not path.is_file():
        return []
    return re.findall(r"^\s+'(\w+)':", path.read_text(encoding="utf-8"), re.MULTILINE)


def _check_header(path: Path, header: list[str], columns: list[str]) -> None:
    for name in header:
        if name not in columns:
            raise DeskError(
                f"The column {name!r} is unknown{nearest(name, columns)}.",
                where=f"{path}, line 1",
                remedy=f"Use exactly these columns: {','.join(columns)}",
            )
    missing = [name for name in columns if name not in header]
    if missing or len(set(header)) < len(header):
        complaint = f"The column {missing[0]!r} is missing." if missing else "A column comes twice."
        raise DeskError(
            complaint,
            where=f"{path}, line 1",
            remedy=f"Use exactly these columns: {','.join(columns)}",
        )


def _check_type(cell: Cell, data_type: str) -> None:
    readers: dict[str, Callable[[str], object]] = {
        "integer": _read_integer,
        "boolean": _read_boolean,
        "decimal": _read_decimal,
        "date": date.fromisoformat,
    }
    read = readers.get(data_type.split("(", maxsplit=1)[0])
    if read is None or cell.text == "":
        return
    try:
        read(cell.text)
    except (ValueError, InvalidOperation) as error:
        raise _wrong(cell, f"is no {data_type}", "Mend the value.") from error


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise ValueError(text)
    return int(text)


def _read_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _read_decimal(text: str) -> Decimal:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise ValueError(text)
    return Decimal(text)


def _check_stages_exist(company: Company) -> None:
    seeds = declared_seeds()
    stages = read_rows(company.desk / "stages.csv", list(seeds["stages"]))
    known: list[str] = []
    for stage in stages:
        if stage["stage_id"].text in known:
            raise _wrong(stage["stage_id"], "is there twice", "Keep one line per stage.")
        known.append(stage["stage_id"].text)
    for row in _mandatory_fields(company):
        cell = row["required_from"]
        if cell.text and row["entity"].text != "opportunities":
            raise _wrong(
                cell,
                f"cannot be asked of {row['entity'].text}: only opportunities pass through stages",
                "Leave it empty (due from the start).",
            )
        if cell.text and cell.text not in known:
            raise _wrong(
                cell,
                f"is no stage of stages.csv{nearest(cell.text, known)}",
                f"Use one of: {', '.join(known)}; or leave it empty (due from the start).",
            )


def _check_fields_exist(company: Company) -> None:
    for row in _mandatory_fields(company):
        entity, field = row["entity"], row["field"]
        columns = conformed_columns(entity.text)
        if not columns:
            known = conformed_entities()
            raise _wrong(
                entity,
                f"is no entity{nearest(entity.text, known)}",
                f"Use one of: {', '.join(known)}.",
            )
        if field.text not in columns:
            raise _wrong(
                field,
                f"is no column of {entity.text}{nearest(field.text, columns)}",
                f"Use one of: {', '.join(columns)}.",
            )


def _mandatory_fields(company: Company) -> Iterator[dict[str, Cell]]:
    columns = list(declared_seeds()["mandatory_fields"])
    return read_rows(company.desk / "mandatory_fields.csv", columns)


def _wrong(cell: Cell, complaint: str, remedy: str) -> DeskError:
    return DeskError(
        f"{cell.text!r} {complaint}.",
        where=f"{cell.path}, line {cell.line}, column {cell.column}",
        remedy=remedy,
    )
