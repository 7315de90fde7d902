"""objective_schemes.csv: what the objectives are made of, today and in schemes to be tried."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from expectations.desk_files import Cell, read_number, read_rows
from expectations.errors import ExpectationsError

FILE = "objective_schemes.csv"
CURRENT = "current"
COLUMNS = (
    "scheme_id",
    "criterion",
    "criterion_label",
    "kind",
    "measure",
    "weight",
    "target_value",
    "target_factor",
    "minimum",
    "cap",
    "collective_scope",
    "collective_minimum",
    "is_prorated",
    "offer",
)
MOST_CRITERIA = 4
OFFER_SHARE = "offer_share"
ABOVE_ZERO = ("weight", "target_value", "target_factor", "cap")


@dataclass(frozen=True)
class Criterion:
    """One line of the file; weight None = as delivered with the target."""

    scheme_id: str
    criterion: str
    weight: Decimal | None
    cells: Mapping[str, Cell] = field(default_factory=dict, compare=False, repr=False)


def read_schemes(path: Path) -> dict[str, list[Criterion]]:
    """Scheme -> its criteria, in the order given.

    Raises ExpectationsError for a criterion that comes twice, more than four of them, weights that
    do not add up to 1 or that only some criteria have, a threshold of nobody, a cap below 1, a
    share of no offer, and a number that is not above zero where it must be.
    """
    schemes: dict[str, list[Criterion]] = {}
    for row in read_rows(path, COLUMNS, only_these=True):
        criterion = _read_criterion(row)
        schemes.setdefault(criterion.scheme_id, []).append(criterion)
    for criteria in schemes.values():
        _check_names(criteria)
        _check_weights(criteria)
    return schemes


def check_schemes(desk: Path) -> None:
    """Raise ExpectationsError at the first line of the desk's schemes that cannot be used."""
    read_schemes(desk / FILE)


def read_scheme_to_try(path: Path, taken: Iterable[str]) -> dict[str, list[Criterion]]:
    """The schemes of a file that is not the desk's.

    Raises ExpectationsError for an empty file too, and for a scheme whose name is taken.
    """
    schemes = read_schemes(path)
    if not schemes:
        raise ExpectationsError(
            "The file holds no scheme.", str(path), "Write a line per criterion below the header."
        )
    for criteria in schemes.values():
        cell = criteria[0].cells["scheme_id"]
        if cell.text in set(taken):
            raise cell.wrong("is a scheme of the desk already", "Give the scheme another name.")
    return schemes


def write_schemes(path: Path, criteria: Iterable[Criterion]) -> None:
    """A file of these criteria, whatever order the columns had where they were read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for line in criteria:
            writer.writerow({name: line.cells[name].text for name in COLUMNS})


def _read_criterion(row: Mapping[str, Cell]) -> Criterion:
    for name in ("scheme_id", "criterion", "criterion_label", "kind", "measure", "is_prorated"):
        if not row[name].text:
            raise row[name].wrong("says nothing", f"Fill in the {name}.")
    for name in (*ABOVE_ZERO, "minimum", "collective_minimum"):
        value = _number(row[name])
        if value is not None and (value < 0 or (value == 0 and name in ABOVE_ZERO)):
            raise row[name].wrong("is not above zero", "Mend it, or leave it empty.")
    _check_thresholds(row)
    _check_offer(row)
    return Criterion(
        scheme_id=row["scheme_id"].text,
        criterion=row["criterion"].text,
        weight=_number(row["weight"]),
        cells=row,
    )


def _check_thresholds(row: Mapping[str, Cell]) -> None:
    cap, minimum = _number(row["cap"]), _number(row["minimum"])
    if cap is not None and cap < 1:
        raise row["cap"].wrong("is below 1: nobody could attain", "Write 1 or more.")
    if minimum is not None and minimum > 1:
        raise row["minimum"].wrong("is above 1", "A threshold lies between 0 and 1.")
    if bool(row["collective_scope"].text) != bool(row["collective_minimum"].text):
        raise row["collective_minimum"].wrong(
            "and collective_scope need each other", "Fill in both, or leave both empty."
        )


def _check_offer(row: Mapping[str, Cell]) -> None:
    if row["measure"].text == OFFER_SHARE and not row["offer"].text:
        raise row["offer"].wrong("says nothing", "Write the category of products it is about.")
    if row["measure"].text != OFFER_SHARE and row["offer"].text:
        raise row["offer"].wrong(
            f"stands beside {row['measure'].text}, which is of all products",
            f"Empty it, or measure {OFFER_SHARE}.",
        )


def _number(cell: Cell) -> Decimal | None:
    return cell.read(read_number, "number", "Write a number such as 0.50, or leave it empty.")


def _check_names(criteria: Sequence[Criterion]) -> None:
    seen: set[str] = set()
    for line in criteria:
        if line.criterion in seen:
            raise line.cells["criterion"].wrong(
                f"is there twice in the scheme {line.scheme_id}", "Keep one of the two lines."
            )
        seen.add(line.criterion)
    if len(criteria) > MOST_CRITERIA:
        cell = criteria[-1].cells["criterion"]
        raise cell.wrong(
            f"is criterion {len(criteria)} of the scheme {criteria[-1].scheme_id}",
            f"Nobody steers by more than {MOST_CRITERIA}: take some out.",
        )


def _check_weights(criteria: Sequence[Criterion]) -> None:
    weights = [line.weight for line in criteria if line.weight is not None]
    if not weights:
        return
    last = criteria[-1]
    if len(weights) < len(criteria):
        empty = next(line for line in criteria if line.weight is None)
        raise empty.cells["weight"].wrong(
            f"says nothing, other criteria of {last.scheme_id} do",
            "Give every criterion a weight, or none: it then comes with the targets.",
        )
    if sum(weights) != 1:
        raise last.cells["weight"].wrong(
            f"makes the weights of {last.scheme_id} add up to {sum(weights)}", "They must make 1."
        )
