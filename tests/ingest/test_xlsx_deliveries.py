"""XLSX deliveries: what a cell holds, and what a spreadsheet may do to it."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from delivered import Shop, counts
from openpyxl import Workbook

from ingest.errors import DeliveryError
from ingest.loads import Load
from ingest.replay import replay_table

DAY = "2025-01-01"
MIDNIGHT = datetime(2025, 1, 3)  # noqa: DTZ001 - cells have no zone
HEADER = ("id", "amount", "closed_on")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.terms = {"format": "xlsx", "path": "{extracted_at:%Y-%m-%d}/deals.csv"}
    return shop


def workbook(*rows: tuple[Any, ...], header: tuple[Any, ...] = HEADER) -> Workbook:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    return book


def content(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def landed(shop: Shop, book: Workbook) -> Load:
    return shop.landed(DAY, content(book))


def deal(day: object, amount: object = 1) -> Workbook:
    return workbook(("a", amount, day))


def test_cells_are_what_they_hold(shop: Shop) -> None:
    load = landed(
        shop,
        workbook(
            ("00008", 0.1 + 0.2, date(2025, 1, 2)),
            (8, 1234.5, MIDNIGHT),
            (),
            ("é", "7.25", "2025-01-04"),
            ("x", None, None),
        ),
    )
    assert counts(load) == (4, 0, 0, 0)
    assert shop.rows("id, amount::varchar, closed_on::varchar, _row_number") == [
        ("00008", "0.30", "2025-01-02", 1),
        ("8", "1234.50", "2025-01-03", 2),
        ("é", "7.25", "2025-01-04", 3),
        ("x", None, None, 4),
    ]


@pytest.mark.parametrize(
    ("title", "book", "column", "reason"),
    [
        ("a date as a number", deal(45658), "closed_on", "<45658> is no date"),
        ("an instant for a day", deal(MIDNIGHT.replace(hour=3)), "closed_on",
         "<2025-01-03 03:00:00> is no date"),
        ("a time for a day", deal(time(3, 4)), "closed_on", "<03:04:00> is no date"),
        ("a number in text", deal(None, "1,5"), "amount", "<1,5> is no decimal(18,2)"),
        ("too many digits", deal(None, 0.125), "amount", "<0.125> is no decimal(18,2)"),
        ("a truth value", deal(None, True), "amount", "<true> is no decimal(18,2)"),
        ("no key", workbook((None, 1, None)), "id", "the key is empty"),
        ("a formula without value", deal(None, "=1+1"), None, "B2: a formula without its value"),
        ("a value too many", workbook(("a", 1, None, "x")), None, "a value stands beyond the head"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_what_was_declared_costs_its_row(
    shop: Shop, title: str, book: Workbook, column: str | None, reason: str
) -> None:
    book.active.append(("good", 2, None))
    assert counts(landed(shop, book)) == (1, 0, 1, 0), title
    ((line, told_column, told, _),) = shop.refused()
    assert (line, told_column) == (2, column)
    assert told.startswith(reason)
    assert shop.refused("raw_bytes") == [(None,)]


def test_rows_in_merged_cells_are_refused(shop: Shop) -> None:
    book = workbook(("a", 1, None), ("b", 2, None), ("c", 3, None), ("d", 4, None))
    book.active.merge_cells("B3:B4")
    assert counts(landed(shop, book)) == (2, 0, 2, 0)
    reason = "B3:B4: merged cells hold one value for several"
    assert shop.refused() == [
        (3, None, reason, '{"id": "b", "amount": "2", "closed_on": null}'),
        (4, None, reason, '{"id": "c", "amount": null, "closed_on": null}'),
    ]


def stored(book: Workbook, change: Callable[[str], str]) -> bytes:
    """The workbook with its only sheet's XML changed: what openpyxl itself cannot write."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content(book))) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = change(text.decode()).encode()
            new.writestr(name, text)
    return target.getvalue()


def test_a_formula_counts_as_the_value_stored_with_it(shop: Shop) -> None:
    changed = stored(deal(None, "=1+1"), lambda xml: xml.replace("<v />", "<v>2</v>").replace(
        "<v></v>", "<v>2</v>"))  # fmt: skip
    assert counts(shop.landed(DAY, changed)) == (1, 0, 0, 0)
    assert shop.rows("amount::varchar") == [("2.00",)]


def test_an_error_in_a_cell_costs_its_row(shop: Shop) -> None:
    assert counts(landed(shop, deal(None, "#N/A"))) == (0, 0, 1, 0)
    assert [reason for _, _, reason, _ in shop.refused()] == ["B2: the error #N/A"]


def test_of_two_sheets_the_declared_one_is_read(shop: Shop) -> None:
    book = workbook(("a", 1, None))
    book.active.title = "Deals"
    book.create_sheet("Empty")
    assert counts(landed(shop, book)) == (1, 0, 0, 0)
    book.create_sheet("Notes").append(("what", "ever"))
    shop.deliver("2025-01-02", content(book))
    with pytest.raises(DeliveryError, match="holds 2 sheets that are not empty") as refusal:
        shop.land()
    assert refusal.value.where == "2025-01-02/deals.csv"
    assert refusal.value.excerpt == "sheets: 'Deals', 'Notes'"
    shop.terms["sheet"] = "Deals"
    assert [counts(load) for load in shop.land()] == [(0, 1, 0, 0)]


@pytest.mark.parametrize(
    ("title", "given", "complaint"),
    [
        ("no header", workbook(header=("a", 1, None)), "the first row is no header"),
        ("nothing", Workbook(), "holds 0 sheets"),
        ("a missing column", workbook(header=("id", "amount")), "declared column 'closed_on'"),
        ("a column twice", workbook(header=(*HEADER, "id")), "two columns have the same name"),
        ("another sheet", b"PK", "no whole XLSX workbook"),
        ("text", b"id,amount,closed_on\n", "no whole XLSX workbook"),
        ("cut short", content(workbook(("a", 1, None)))[:-30], "no whole XLSX workbook"),
    ],
)
def test_a_workbook_of_another_shape_is_refused(
    shop: Shop, title: str, given: Workbook | bytes, complaint: str
) -> None:
    shop.deliver(DAY, given if isinstance(given, bytes) else content(given))
    with pytest.raises(DeliveryError, match=complaint) as refusal:
        shop.land()
    assert f"{DAY}/deals.csv" in refusal.value.where, title
    assert shop.rows() == []


def test_a_header_in_merged_cells_is_refused(shop: Shop) -> None:
    book = workbook(("a", 1, None))
    book.active.merge_cells("A1:B1")
    shop.deliver(DAY, content(book))
    with pytest.raises(DeliveryError, match="merged cells"):
        shop.land()


def test_a_workbook_that_unpacks_without_end_is_refused(shop: Shop) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    shop.deliver(DAY, target.getvalue())
    with pytest.raises(DeliveryError) as refusal:
        shop.land()
    assert "more than 200 times its size" in refusal.value.where


def test_text_cells_are_read_as_declared_and_typed_cells_need_no_format(shop: Shop) -> None:
    shop.columns["seen_at"] = "timestamp"
    shop.terms |= {"decimal": ",", "date_format": "%d/%m/%Y", "time_zone": "Europe/Paris"}
    header = (*HEADER, "seen_at")
    rows = [
        ("a", "1,5", "02/01/2025", MIDNIGHT.replace(month=7)),
        ("b", 1.5, date(2025, 1, 2), MIDNIGHT),
    ]
    assert counts(landed(shop, workbook(*rows, header=header))) == (2, 0, 0, 0)
    assert shop.rows("amount::varchar, closed_on::varchar, seen_at::varchar") == [
        ("1.50", "2025-01-02", "2025-07-02 22:00:00"),
        ("1.50", "2025-01-02", "2025-01-02 23:00:00"),
    ]


def test_an_unknown_column_is_kept(shop: Shop) -> None:
    load = landed(shop, workbook(("a", 1, None, 2.5), header=(*HEADER, "mood")))
    assert (load.extra_columns, load.columns) == (("mood",), (*HEADER, "mood"))
    assert shop.rows("_extra") == [('{"mood":"2.5"}',)]


def test_refused_rows_are_replayed(shop: Shop) -> None:
    landed(shop, workbook(("a", "1,5", date(2025, 1, 2))))
    shop.terms["decimal"] = ","
    assert [
        counts(one) for one in replay_table(shop.source().tables[0], shop.deliveries, shop.lake)
    ] == [(1, 0, 0, 0)]
    assert shop.rows("amount::varchar, closed_on::varchar") == [("1.50", "2025-01-02")]
