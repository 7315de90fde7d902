"""Replay: refused rows that fit by now are landed once, where they belong in time."""

import csv
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delivered import Row, Shop, counts

from ingest.errors import PilotageError
from ingest.lake import Load
from ingest.loads import write_loads_table
from ingest.mending import NOWHERE, Mended, MendedRow, read_mended
from ingest.quarantine import refusals, write_refused_rows
from ingest.replay import replay_table

HEADER = "id,amount,closed_on\n"
HISTORY = "_key, _op, amount::varchar, day(_extracted_at)"


def replay(shop: Shop, mended: Mended | None = None) -> list[Load]:
    return replay_table(shop.source().tables[0], shop.deliveries, shop.lake, mended)


def open_rows(shop: Shop) -> list[Row]:
    """What raw.quarantine shows."""
    warehouse = shop.home / "work.duckdb"
    write_loads_table(shop.lake, warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(
            "select row_number, line_number, column_name, reason, raw_text from raw.quarantine"
            " order by extracted_at, row_number"
        ).fetchall()


def test_what_fits_a_mended_declaration_is_landed_once(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER + 'a,1,\nb,"1,5",\nc,x,\nd,2,\n')
    assert replay(shop) == []
    shop.terms["decimal"] = ","
    (load,) = replay(shop)
    assert (counts(load), load.delivered_rows, load.mode) == ((1, 0, 1, 0), 2, "replay")
    assert shop.rows("_key, amount::varchar, _row_number") == [
        ("a", "1.00", 1), ("b", "1.50", 2), ("d", "2.00", 4),
    ]  # fmt: skip
    assert open_rows(shop) == [(3, 4, "amount", "<x> is no decimal(18,2)", "c,x,")]
    assert replay(shop) == []
    assert shop.land() == []


def test_a_new_reason_takes_the_place_of_the_old(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER + 'a,"1,5",\nb,"1,5",1.2.25\n')
    shop.terms["decimal"] = ","
    assert [counts(load) for load in replay(shop)] == [(1, 0, 1, 0)]
    assert open_rows(shop) == [(2, 3, "closed_on", "<1.2.25> is no date", 'b,"1,5",1.2.25')]
    shop.terms["date_format"] = "%-d.%-m.%y"
    assert [counts(load) for load in replay(shop)] == [(1, 0, 0, 0)]
    assert open_rows(shop) == refusals(shop.lake) == []


def test_a_row_that_was_mended_by_hand_is_landed(shop: Shop, tmp_path: Path) -> None:
    shop.landed("2025-01-01", HEADER + "=a,x,\nb,2\nc,3,\n")
    path = tmp_path / "refused.csv"
    assert write_refused_rows(shop.lake, path) == 2
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["raw_text"] for row in rows] == ["'=a,x,", "b,2"]
    assert path.stat().st_mode & 0o077 == 0
    rows[0]["raw_text"] = "'=a,7,"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (load,) = replay(shop, read_mended(path))
    assert counts(load) == (1, 0, 1, 0)
    assert shop.rows("_key, amount::varchar, _row_number") == [("=a", "7.00", 1), ("c", "3.00", 3)]
    assert [text for *_, text in open_rows(shop)] == ["b,2"]


def written(shop: Shop, *edits: tuple[str, str]) -> Path:
    """The refused rows in a file, edited as in a text editor."""
    path = shop.home / "refused.csv"
    write_refused_rows(shop.lake, path)
    return edited(path, *edits)


def edited(path: Path, *edits: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_decimal_comma_that_is_typed_into_a_text_is_landed_whole(shop: Shop) -> None:
    shop.terms |= {"delimiter": ";", "decimal": ","}
    shop.columns = {"id": "varchar", "amount": "decimal(18,2)"}
    shop.landed("2025-01-01", "id;amount\na;12.50\n")
    path = written(shop, ("a;12.50", "a;12,50"))
    assert [counts(load) for load in replay(shop, read_mended(path))] == [(1, 0, 0, 0)]
    assert shop.rows("id, amount::varchar") == [("a", "12.50")]


FILES = {
    "a comma without quotes": ("h,1,a;12,50\n", "the line has 4 values, the header 3", "line 2"),
    "a value less": ("h,1,a\n\nh,2\n", "the line has 2 values, the header 3", "line 4"),
    "behind a text of two lines": ('h,1,"a\nb"\nh\n', "the line has 1 values", "line 4"),
    "a quote that stays open": ('h,1,"a\n', "the quotes are not in order", "line 2 or below"),
    "no number": ("h,one,a\n", "row_number is no number", "line 2"),
    "no load": ("h,1,a\n,1,b\n", "load_id is empty", "line 3"),
    "blanks for a load": (" ,1,b\n", "load_id is empty", "line 2"),
    "a row twice": ("h,1,a\nh,1,b\n", "the row stands in line 2 already", "line 3"),
}


@pytest.mark.parametrize("kind", FILES, ids=str)
def test_a_line_of_mended_rows_that_is_not_whole_is_refused(tmp_path: Path, kind: str) -> None:
    lines, what, place = FILES[kind]
    path = tmp_path / "refused.csv"
    path.write_text(f"load_id,row_number,raw_text\n{lines}")
    with pytest.raises(PilotageError, match="mended rows cannot be read") as refusal:
        read_mended(path)
    assert what in refusal.value.what
    assert refusal.value.where == f"{path}, {place}"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"row_number,text\n1,a\n", "the header names no load_id, raw_text"),
        (b"load_id;row_number;raw_text\nh;1;a\n", "names no load_id, row_number, raw_text"),
        (b"", "the header names no load_id, row_number, raw_text"),
        (b"load_id,row_number,raw_text\nh,1,Jos\xe9\n", "it is not UTF-8"),
    ],
)
def test_a_file_of_mended_rows_that_is_none_is_refused(
    tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "refused.csv"
    path.write_bytes(content)
    with pytest.raises(PilotageError, match="mended rows cannot be read") as refusal:
        read_mended(path)
    assert what in refusal.value.what
    assert "quarantine --to" in refusal.value.remedy or "UTF-8" in refusal.value.remedy


def test_a_spreadsheet_s_mark_of_the_byte_order_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    path.write_bytes(b"\xef\xbb\xbfload_id,row_number,raw_text\r\nh,1,a\r\n")
    assert [(key, row.line) for key, row in read_mended(path).rows.items()] == [(("h", 1), 2)]


def test_what_becomes_of_each_mended_row_is_noted(shop: Shop) -> None:
    """a fits by now, b does not, c was left as it was, d is no row of the quarantine."""
    shop.landed("2025-01-01", HEADER + "a,x,\nb,x,\nc,x,\n")
    path = written(shop, ('"a,x,"', '"a,1,"'), ('"b,x,"', '"b,y,"'))
    with path.open("a") as file:
        file.write('"none",7,"","","","","","d,1,"\n')
    mended = read_mended(path)
    assert [counts(load) for load in replay(shop, mended)] == [(1, 0, 2, 0)]
    (still, nowhere) = mended.not_taken()
    assert still == f"{path}, line 3: still refused, column amount: no decimal(18,2)"
    assert nowhere.startswith(f"{path}, line 5: no such row is in quarantine")
    assert (len(mended.landed), len(mended.unchanged)) == (1, 1)
    # The same file is mended further: its rows are in quarantine under the replay's own name now.
    mended = read_mended(edited(path, ('"b,y,"', '"b,2,"')))
    assert [counts(load) for load in replay(shop, mended)] == [(1, 0, 1, 0)]
    assert [key for (key,) in shop.rows("id")] == ["a", "b"]


def test_a_mended_row_of_no_load_reaches_no_row_of_any(shop: Shop) -> None:
    for day in ("2025-01-01", "2025-01-02"):
        shop.landed(day, HEADER + "a,x,\n")
    mended = Mended(Path("mended.csv"), {("", 1): MendedRow("a,1,", line=2)})
    assert replay(shop, mended) == []
    assert len(open_rows(shop)) == 2
    assert list(mended.not_taken()) == [f"mended.csv, line 2: {NOWHERE}"]


def test_mended_rows_of_a_table_that_lost_their_shape_are_told_why(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER + "a,x,\n")
    mended = read_mended(written(shop, ("a,x,", "a,1,")))
    shop.columns["mood"] = "varchar"
    assert replay(shop, mended) == []
    (why,) = mended.not_taken()
    assert "line 2: still refused, declared column 'mood' of shop.deals is missing" in why


def test_a_row_that_was_not_mended_keeps_its_bytes(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER.encode() + b"Jos\xe9,2,\n")
    path = written(shop)
    shop.terms["encoding"] = "cp1252"
    assert [counts(load) for load in replay(shop, read_mended(path))] == [(1, 0, 0, 0)]
    assert shop.rows("id") == [("José",)]


def test_bytes_of_another_encoding_fit_once_it_is_declared(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER.encode() + "é,1,\n".encode() + b"Jos\xe9,2,\n")
    shop.terms["encoding"] = "cp1252"
    assert [counts(load) for load in replay(shop)] == [(1, 0, 0, 0)]
    assert [key for (key,) in shop.rows("id")] == ["é", "José"]


def test_what_was_guessed_of_the_delivery_still_holds(shop: Shop) -> None:
    shop.terms["delimiter"] = "detect"
    shop.landed("2025-01-01", "id;amount;closed_on\na;1,5;\nb;2;\n")
    shop.terms["decimal"] = ","
    assert [counts(load) for load in replay(shop)] == [(1, 0, 0, 0)]


def test_a_refused_row_of_an_old_export_ends_with_the_next_export(shop: Shop) -> None:
    """a: refused, then unchanged at its old value; b: refused, then gone; c: refused twice, the
    second time for good; d: refused, then another value landed; e: refused, then gone unseen."""
    shop.landed("2025-01-01", HEADER + "a,1,\nb,1,\nc,1,\nd,1,\n")
    shop.landed("2025-01-02", HEADER + 'a,"2,5",\nb,"2,5",\nc,"2,5",\nd,"2,5",\ne,"2,5",\n')
    shop.landed("2025-01-03", HEADER + "a,1,\nc,x,\nd,3,\n")
    shop.landed("2025-01-04", HEADER + "a,1,\nc,4,\nd,3,\n")
    before = shop.rows(HISTORY)
    assert before[4:] == [
        ("d", "upsert", "3.00", 3),
        ("b", "delete", "1.00", 3),
        ("c", "upsert", "4.00", 4),
    ]
    shop.terms["decimal"] = ","
    (load,) = replay(shop)
    assert (counts(load), load.notes) == ((5, 0, 0, 1), ("RESTATED 1",))
    added = sorted(set(shop.rows(HISTORY)) - set(before))
    assert added == [
        ("a", "upsert", "1.00", 3), ("a", "upsert", "2.50", 2), ("b", "upsert", "2.50", 2),
        ("c", "upsert", "2.50", 2), ("d", "upsert", "2.50", 2), ("e", "delete", "2.50", 3),
        ("e", "upsert", "2.50", 2),
    ]  # fmt: skip
    assert counts(shop.landed("2025-01-05", HEADER + "a,1,\nc,4,\nd,3,\n")) == (0, 3, 0, 0)


def test_a_row_refused_day_after_day_lands_once_and_is_unchanged_then(shop: Shop) -> None:
    for day in range(1, 4):
        shop.landed(f"2025-01-{day:02}", HEADER + 'a,"1,5",\nb,1,\n')
    shop.terms["decimal"] = ","
    assert [counts(load) for load in replay(shop)] == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0)]
    assert shop.rows(HISTORY) == [("a", "upsert", "1.50", 1), ("b", "upsert", "1.00", 1)]


def test_a_replayed_increment_does_not_hide_newer_news(shop: Shop) -> None:
    shop.terms["mode"] = "incremental"
    shop.landed("2025-01-01", HEADER + 'a,"1,5",\nb,"1,5",\n')
    shop.landed("2025-01-02", HEADER + "a,2,\n")
    shop.terms["decimal"] = ","
    assert [counts(load) for load in replay(shop)] == [(2, 0, 0, 0)]
    assert shop.rows(HISTORY)[-1] == ("a", "upsert", "2.00", 2)
    assert counts(shop.landed("2025-01-03", HEADER + "a,2,\n")) == (0, 1, 0, 0)


def test_json_lines_are_replayed(shop: Shop) -> None:
    shop.terms["format"] = "jsonl"
    shop.landed("2025-01-01", '{"id":"a","amount":"1,5","closed_on":null}\n{"id":"b"}\n{"id"\n')
    shop.terms["decimal"] = ","
    assert [counts(load) for load in replay(shop)] == [(1, 0, 1, 0)]


def test_rows_of_parquet_are_replayed(shop: Shop) -> None:
    shop.columns = {"id": "varchar", "value": "bigint"}
    shop.terms = {"format": "parquet"}
    path = shop.deliver("2025-01-01", "")
    pq.write_table(pa.table({"id": ["a", "b", "c"], "value": [1.0, 1.5, None]}), path)
    assert [counts(load) for load in shop.land()] == [(2, 0, 1, 0)]
    assert replay(shop) == []
    shop.columns["value"] = "decimal(9,2)"
    assert [counts(load) for load in replay(shop)] == [(1, 0, 0, 0)]
    assert shop.rows("id, value::varchar")[1] == ("b", "1.50")


def test_rows_whose_table_lost_their_shape_stay_where_they_are(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER + "a,x,\n")
    shop.columns["mood"] = "varchar"
    assert replay(shop) == []
    assert [reason for *_, reason, _ in open_rows(shop)] == ["<x> is no decimal(18,2)"]


def test_a_replay_killed_before_its_raw_file_is_as_if_it_had_not_been(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.lake import write_once

    shop.landed("2025-01-01", HEADER + 'a,"1,5",\nb,x,\n')
    shop.terms["decimal"] = ","

    def killed_at_raw(con: duckdb.DuckDBPyConnection, query: str, path: Path, text: str) -> None:
        if "/raw/" in path.as_posix() and not path.name.startswith("_"):
            raise KeyboardInterrupt
        write_once(con, query, path, text)

    with monkeypatch.context() as patched:
        patched.setattr("ingest.replay.write_once", killed_at_raw)
        with pytest.raises(KeyboardInterrupt):
            replay(shop)
    assert len(open_rows(shop)) == 2
    assert [counts(load) for load in replay(shop)] == [(1, 0, 1, 0)]
    assert len(open_rows(shop)) == 1
