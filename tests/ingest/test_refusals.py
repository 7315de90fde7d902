"""Deliveries that are refused whole: what the books tell of them, then and after a mend."""

import io
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from delivered import Row, Shop, counts
from openpyxl import Workbook

from ingest.errors import DeliveryError, LakeError, UnsettledError
from ingest.files import read
from ingest.lake import loads_in
from ingest.loads import write_loads_table
from ingest.reading import Reading
from ingest.refusals import Refusal, refusals_in, still_lying

DAY = "2025-01-02"
WITHOUT_AMOUNT = "id,closed_on\na,\n"
ANNA = "anna@x.de"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that has landed one delivery of twelve deals."""
    made = Shop(tmp_path)
    made.landed("2025-01-01", deals(12))
    return made


def deals(many: int) -> str:
    return "id,amount,closed_on\n" + "".join(f"{number},1,\n" for number in range(many))


def refuse(shop: Shop, content: str, told: str) -> None:
    shop.deliver(DAY, content)
    with pytest.raises(DeliveryError, match=told):
        shop.land()


def book(shop: Shop, columns: str, condition: str = "status = 'refused'") -> list[Row]:
    warehouse = shop.home / "work.duckdb"
    write_loads_table(shop.lake, warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        query = f"select {columns} from raw.loads where {condition} order by extracted_at"
        return con.execute(query).fetchall()


def refusals(shop: Shop) -> list[Refusal]:
    return refusals_in(shop.lake, loads_in(shop.lake / "raw"))


def test_a_refused_delivery_stands_in_the_books_with_its_bytes_and_its_reason(shop: Shop) -> None:
    refuse(shop, WITHOUT_AMOUNT, "'amount'")
    told = "table_name, source_file, mode, extracted_at::varchar, bytes, reason"
    reason = "declared column 'amount' of shop.deals is missing"
    size = len(WITHOUT_AMOUNT)
    assert book(shop, told) == [
        ("deals", f"{DAY}/deals.csv", "full", f"{DAY} 23:59:59", size, reason)
    ]
    rows = "delivered_rows, loaded_rows, unchanged_rows, quarantined_rows, deleted_rows"
    assert book(shop, rows) == [(None, 0, 0, None, 0)]
    assert book(shop, "status, reason, delivered_rows", "status <> 'refused'") == [
        ("landed", "", 12)
    ]


def test_a_mended_delivery_lands_as_ever_and_the_refusal_stays_in_the_books(shop: Shop) -> None:
    refuse(shop, WITHOUT_AMOUNT, "'amount'")
    assert still_lying(refusals(shop), shop.deliveries) == refusals(shop)
    shop.deliver(DAY, deals(13))
    assert [counts(load) for load in shop.land()] == [(1, 12, 0, 0)]
    assert book(shop, "status, bytes", "true") == [
        ("landed", len(deals(12))),
        ("landed", len(deals(13))),
        ("refused", len(WITHOUT_AMOUNT)),
    ]
    assert still_lying(refusals(shop), shop.deliveries) == []


def test_rows_that_were_counted_are_told_and_what_lands_after_all_is_no_refusal(
    shop: Shop,
) -> None:
    refuse(shop, deals(2), "10 of 12 known keys")
    assert book(shop, "delivered_rows, quarantined_rows") == [(2, 2)]
    shop.terms["max_vanished_share"] = 1
    assert [counts(load) for load in shop.land()] == [(0, 2, 0, 10)]
    assert book(shop, "*") == []


def test_a_delivery_has_one_note_which_says_what_was_said_last(shop: Shop) -> None:
    for _ in range(2):
        refuse(shop, WITHOUT_AMOUNT, "'amount'")
    shop.columns["mood"] = "varchar"
    refuse(shop, WITHOUT_AMOUNT, "'amount', 'mood'")
    assert book(shop, "reason") == [("declared column 'amount', 'mood' of shop.deals is missing",)]
    assert [path.suffix for path in (shop.lake / "refused").rglob("*.*")] == [".json"]


def test_a_delivery_that_changes_or_goes_while_it_is_refused_leaves_no_note(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header alone is there at first: whoever exports has not come further yet."""
    path = shop.deliver(DAY, WITHOUT_AMOUNT)

    def meanwhile(change: Callable[[], object], told: str) -> None:
        def find_out(*given: Any) -> Reading:
            change()
            return read(*given)

        monkeypatch.setattr("ingest.loads.read", find_out)
        with pytest.raises(UnsettledError, match=told):
            shop.land()
        assert refusals(shop) == []

    meanwhile(lambda: path.write_text(deals(13), encoding="utf-8"), "changed while it was read")
    path.write_text(WITHOUT_AMOUNT, encoding="utf-8")
    meanwhile(path.unlink, "went away while it was read")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"extracted_at": "2025-01-02T00:00:00"}'])
def test_a_damaged_note_is_named(shop: Shop, text: str) -> None:
    refuse(shop, WITHOUT_AMOUNT, "'amount'")
    (note,) = (shop.lake / "refused").rglob("*.json")
    note.write_text(text, encoding="utf-8")
    with pytest.raises(LakeError, match="the note of a refused delivery cannot") as refusal:
        refusals(shop)
    assert refusal.value.where == str(note)
    note.unlink()
    refuse(shop, WITHOUT_AMOUNT, "'amount'")
    assert len(refusals(shop)) == 1


def test_an_empty_file_is_a_refused_delivery_too(shop: Shop) -> None:
    refuse(shop, "", "empty")
    assert book(shop, "bytes, reason") == [(0, "the delivery is empty")]


def workbook(*header: str, sheets: tuple[str, ...] = ()) -> bytes:
    target, book = io.BytesIO(), Workbook()
    book.active.append(header)
    for title in sheets:
        book.create_sheet(title).append(["a"])
    book.save(target)
    return target.getvalue()


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "id,amount,closed_on\n")
    return target.getvalue()


PATH = "{extracted_at:%Y-%m-%d}/*"
XLSX = {"format": "xlsx", "path": PATH}
DAMAGED = zipped(ANNA).replace(b"id,amount", b"id,anount")


@pytest.mark.parametrize(
    ("terms", "ending", "content", "said", "place"),
    [
        ({}, "csv", f"1,{ANNA},\n".encode(), ANNA, "line 1"),
        ({}, "csv", f"{ANNA},7,{ANNA}\n".encode(), ANNA, "columns 1 and 3"),
        ({}, "csv", f"1,{ANNA},3\n".encode(), ANNA, "deals.csv"),
        ({"date_format": "detect"}, "csv", b"id,amount,closed_on\na,1,03/04/2025\n",
         "03/04/2025", "deals.csv"),
        (XLSX, "xlsx", workbook("", ANNA), ANNA, "row 1"),
        (XLSX, "xlsx", workbook("a", sheets=(ANNA,)), ANNA, "deals.xlsx"),
        ({}, "zip", zipped("a.csv", ANNA), ANNA, "deals.zip"),
        ({}, "zip", DAMAGED, ANNA, "deals.zip"),
    ],
)  # fmt: skip
def test_what_a_refused_delivery_says_is_shown_to_the_terminal_alone(
    tmp_path: Path, terms: dict[str, str], ending: str, content: bytes, said: str, place: str
) -> None:
    """Logs keep the error with its causes, notes and alerts its text: none of them can be erased
    as rows are."""
    shop = Shop(tmp_path, terms={"path": PATH, **terms})
    shop.deliver(DAY, content).rename(shop.deliveries / DAY / f"deals.{ending}")
    with pytest.raises(DeliveryError) as refusal:
        shop.land()
    assert said in refusal.value.for_terminal()
    assert refusal.value.where.endswith(place)
    assert said not in "".join(traceback.format_exception(refusal.value))
    (note,) = (shop.lake / "refused").rglob("*.json")
    assert said not in note.read_text(encoding="utf-8")
