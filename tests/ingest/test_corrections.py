"""A file that is overwritten under its name after it has landed: the last word of its day."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from delivered import Row, Shop, counts

from ingest.compaction import compact
from ingest.errors import DeliveryError
from ingest.inbox import put_away, take
from ingest.lake import Lake, Load, load_id, loads_in
from ingest.landed import CORRECTION
from ingest.loads import load_table, newest_extraction, write_loads_table
from ingest.mending import Mended, MendedRow
from ingest.quarantine import refusals, write_refused_rows
from ingest.refusals import refusals_in
from ingest.replay import replay_table

HEADER = "id,amount,closed_on\n"
DAY = "2025-01-02"
LATEST = """
    select _key, amount::varchar
    from read_parquet('{files}', union_by_name=true)
    where _extracted_at < timestamp '{until}'
    qualify _op <> 'delete' and row_number() over (
        partition by _key order by _extracted_at desc, _source_file desc, _row_number desc
    ) = 1
    order by _key
"""


@pytest.fixture
def till(shop: Shop) -> Shop:
    """A shop whose files hold what is new or changed."""
    shop.terms = {"mode": "incremental"}
    return shop


def deals(**amounts: str) -> str:
    return HEADER + "".join(f"{key},{amount},\n" for key, amount in amounts.items())


def latest(shop: Shop, until: str = "2026-01-01") -> dict[str, str]:
    """The amounts that count, by the order that every staging model goes by."""
    files = shop.lake / "raw" / "shop" / "deals" / "*.parquet"
    with duckdb.connect() as con:
        return dict(con.execute(LATEST.format(files=files, until=until)).fetchall())


def instants(shop: Shop) -> list[str]:
    return [f"{load.extracted_at:%d %H:%M:%S.%f}" for load in loads_in(shop.lake / "raw")]


def lands_nothing(shop: Shop) -> bool:
    before = sorted(path.name for path in shop.lake.rglob("*.parquet"))
    found = shop.land()
    return not found and sorted(path.name for path in shop.lake.rglob("*.parquet")) == before


def test_the_values_of_a_corrected_increment_count(till: Shop) -> None:
    assert till.landed(DAY, deals(a="10", b="5", c="7")).notes == ()
    load = till.landed(DAY, deals(a="12", b="5"))
    assert (counts(load), load.notes) == ((1, 1, 0, 0), (CORRECTION,))
    # An increment says nothing of what it leaves out.
    assert latest(till) == {"a": "12.00", "b": "5.00", "c": "7.00"}
    assert lands_nothing(till)


def test_what_a_corrected_full_export_leaves_out_is_gone(shop: Shop) -> None:
    shop.landed(DAY, deals(a="10", b="5", c="7"))
    load = shop.landed(DAY, deals(a="12", b="5"))
    assert (counts(load), load.notes) == ((1, 1, 0, 1), (CORRECTION,))
    assert latest(shop) == {"a": "12.00", "b": "5.00"}
    assert lands_nothing(shop)
    assert counts(shop.landed("2025-01-03", deals(a="12", b="5"))) == (0, 2, 0, 0)


def test_a_correction_stays_on_its_day_and_before_all_that_comes_after(till: Shop) -> None:
    till.landed(DAY, deals(a="10"))
    till.landed(DAY, deals(a="12"))
    assert instants(till) == ["02 23:59:59.000000", "02 23:59:59.000001"]
    assert latest(till, "2025-01-03 00:00:00") == {"a": "12.00"}
    newest = newest_extraction([till.source()], till.lake, till.deliveries)
    assert newest == datetime(2025, 1, 2, 23, 59, 59, 1, tzinfo=UTC)


@pytest.mark.parametrize("mode", ["incremental", "full"])
def test_what_is_corrected_back_counts_as_it_did_at_first(shop: Shop, mode: str) -> None:
    shop.terms = {"mode": mode}
    shop.landed(DAY, deals(a="10"))
    shop.landed(DAY, deals(a="12"))
    load = shop.landed(DAY, deals(a="10"))
    assert (counts(load), load.notes) == ((1, 0, 0, 0), (CORRECTION,))
    assert latest(shop) == {"a": "10.00"}
    assert len({load.load_id for load in loads_in(shop.lake / "raw")}) == 3
    assert lands_nothing(shop)


def test_the_correction_of_an_older_day_does_not_hide_newer_news(till: Shop) -> None:
    till.landed(DAY, deals(a="10", b="5"))
    till.landed("2025-01-03", deals(b="6"))
    assert counts(till.landed(DAY, deals(a="12", b="7"))) == (2, 0, 0, 0)
    assert latest(till) == {"a": "12.00", "b": "6.00"}
    assert latest(till, "2025-01-03 00:00:00") == {"a": "12.00", "b": "7.00"}
    assert lands_nothing(till)


def test_a_late_correction_does_not_outlive_what_was_said_again_since(till: Shop) -> None:
    """What newer days said unchanged is not in the lake: their files are asked."""
    till.landed(DAY, deals(a="10", b="5", c="7", d="1"))
    till.landed("2025-01-03", deals(a="10", b="6"))
    assert counts(till.landed("2025-01-04", deals(a="10", b="6", c="7"))) == (0, 3, 0, 0)
    load = till.landed(DAY, deals(a="12", b="8", c="9", d="2"))
    # b was written on the third, d never came again; a is what the third said, c the fourth.
    assert (counts(load), load.notes) == ((4, 0, 0, 0), ("RESTATED 2", CORRECTION))
    assert latest(till, "2025-01-03 00:00:00") == {
        "a": "12.00", "b": "8.00", "c": "9.00", "d": "2.00",
    }  # fmt: skip
    assert latest(till, "2025-01-04 00:00:00")["a"] == "10.00"
    assert latest(till, "2025-01-04 00:00:00")["c"] == "9.00"
    assert latest(till) == {"a": "10.00", "b": "6.00", "c": "7.00", "d": "2.00"}
    assert lands_nothing(till)
    assert counts(till.landed("2025-01-05", deals(a="10", b="6", c="7"))) == (0, 3, 0, 0)


def test_corrections_of_one_run_know_what_each_other_said_again(till: Shop) -> None:
    till.landed(DAY, deals(a="10", b="1"))
    till.landed("2025-01-03", deals(a="10", b="1"))
    till.landed("2025-01-04", deals(a="10"))
    till.deliver(DAY, deals(a="12", b="2"))
    till.deliver("2025-01-03", deals(a="12", b="1"))
    till.deliver("2025-01-05", deals(a="10"))
    assert [load.notes for load in till.land()] == [
        # The file of the third holds its correction by now: what it said at first nobody knows.
        ("RESTATED 1", "NEWER_NOT_ASKED 1", CORRECTION),
        (CORRECTION,),
        (),
    ]
    assert latest(till, "2025-01-04 00:00:00") == {"a": "12.00", "b": "1.00"}
    assert latest(till) == {"a": "10.00", "b": "1.00"}
    assert lands_nothing(till)


def test_a_newer_file_that_lies_there_no_more_is_told_or_read_as_it_is_kept(
    till: Shop, tmp_path: Path
) -> None:
    other = Shop(tmp_path / "other", terms=till.terms)
    told = []
    for one, is_kept in ((till, False), (other, True)):
        source = one.source()
        for day, amount in ((DAY, "10"), ("2025-01-03", "10"), (DAY, "12")):
            path = one.deliver(day, deals(a=amount))
            (load,) = load_table(
                source, source.tables[0], one.deliveries, one.lake, keeps_originals=is_kept
            )
            path.unlink()
        told.append((load.notes, latest(one)))
    assert told == [
        (("NEWER_NOT_ASKED 1", CORRECTION), {"a": "12.00"}),
        (("RESTATED 1", CORRECTION), {"a": "10.00"}),
    ]


def test_a_row_in_quarantine_is_nothing_that_a_newer_file_said(till: Shop) -> None:
    till.landed(DAY, deals(a="10", b="1"))
    assert counts(till.landed("2025-01-03", HEADER + 'a,"10,0",\nb,1,\n')) == (0, 1, 1, 0)
    till.terms["decimal"] = ","
    load = till.landed(DAY, deals(a="12", b="1"))
    assert (counts(load), load.notes) == ((2, 0, 0, 0), (CORRECTION,))
    assert latest(till) == {"a": "12.00", "b": "1.00"}


def test_a_newer_file_that_is_refused_by_now_was_not_asked(till: Shop) -> None:
    """Of b the third said 7, which nobody can read any more."""
    till.terms["decimal"] = ","
    till.landed(DAY, deals(a="1", b="7"))
    assert counts(till.landed("2025-01-03", HEADER + 'a,1,\nb,"7,0",\n')) == (0, 2, 0, 0)
    del till.terms["decimal"]
    assert till.landed(DAY, deals(b="9")).notes == ("NEWER_NOT_ASKED 1", CORRECTION)


def test_a_late_correction_does_not_outlive_what_a_replay_said(till: Shop) -> None:
    """Of b the third said 7, as it was known, once its row was mended."""
    till.landed(DAY, deals(b="7"))
    refused = till.landed("2025-01-03", deals(b="x"))
    (load,) = replayed(till, (refused, 1, "b,7,"))
    assert (counts(load), load.notes) == ((1, 0, 0, 0), ())
    assert till.landed(DAY, deals(b="9")).notes == (CORRECTION,)
    assert latest(till, "2025-01-03 00:00:00") == {"b": "9.00"}
    assert latest(till) == {"b": "7.00"}
    assert lands_nothing(till)


def test_a_replayed_increment_does_not_outlive_what_was_said_again_since(till: Shop) -> None:
    """Of b the fourth said 7, of c nothing; of d what was known, in a row that was refused too."""
    till.landed(DAY, deals(b="7", c="7", d="7"))
    third = till.landed("2025-01-03", deals(b="x", c="x", d="x"))
    fourth = till.landed("2025-01-04", deals(b="7", d="x"))
    rows = [(third, n, f"{key},9,") for n, key in enumerate("bcd", start=1)]
    loads = replayed(till, *rows, (fourth, 2, "d,7,"))
    assert [(counts(load), load.notes) for load in loads] == [
        ((3, 0, 0, 0), ("RESTATED 1",)),
        ((1, 0, 0, 0), ()),
    ]
    assert latest(till, "2025-01-04 00:00:00") == {"b": "9.00", "c": "9.00", "d": "9.00"}
    assert latest(till) == {"b": "7.00", "c": "9.00", "d": "7.00"}
    assert lands_nothing(till)
    assert counts(till.landed("2025-01-05", deals(b="7", c="9", d="7"))) == (0, 3, 0, 0)


def test_a_replay_tells_that_a_newer_file_is_gone(till: Shop) -> None:
    till.landed(DAY, deals(b="7"))
    refused = till.landed("2025-01-03", deals(b="x"))
    till.landed("2025-01-04", deals(b="7"))
    (till.deliveries / "2025-01-04" / "deals.csv").unlink()
    (load,) = replayed(till, (refused, 1, "b,9,"))
    assert load.notes == ("NEWER_NOT_ASKED 1",)


def test_the_correction_of_an_older_full_export_is_refused(shop: Shop) -> None:
    shop.landed(DAY, deals(a="10"))
    shop.landed("2025-01-03", deals(a="11"))
    shop.deliver(DAY, deals(a="12"))
    for _ in range(2):
        with pytest.raises(DeliveryError, match="was changed after it had landed") as refusal:
            shop.land()
    assert refusal.value.where == f"{DAY}/deals.csv"
    assert "put back what it held" in refusal.value.remedy
    assert latest(shop) == {"a": "11.00"}
    assert len(refusals_in(shop.lake, loads_in(shop.lake / "raw"))) == 1
    shop.deliver(DAY, deals(a="10"))
    assert lands_nothing(shop)


def test_a_correction_that_was_refused_and_landed_after_all_is_no_refusal(shop: Shop) -> None:
    shop.landed(DAY, deals(**{f"d{number}": "1" for number in range(10)}))
    shop.deliver(DAY, deals(d0="1"))
    with pytest.raises(DeliveryError, match="9 of 10 known keys"):
        shop.land()
    assert len(refusals_in(shop.lake, loads_in(shop.lake / "raw"))) == 1
    shop.terms = {"max_vanished_share": 1}
    assert [counts(load) for load in shop.land()] == [(0, 1, 0, 9)]
    assert refusals_in(shop.lake, loads_in(shop.lake / "raw")) == []


def two_tills(shop: Shop) -> Shop:
    shop.terms = {"mode": "incremental", "path": "{extracted_at:%Y-%m-%d}/*.csv"}
    return shop


def deliver(shop: Shop, name: str, content: str) -> None:
    path = shop.deliveries / DAY / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_two_files_of_a_day_corrected_alike_are_two_loads_and_the_last_one_counts(
    shop: Shop,
) -> None:
    two_tills(shop)
    deliver(shop, "north.csv", deals(a="1"))
    deliver(shop, "south.csv", deals(a="2"))
    assert [load.notes for load in shop.land()] == [(), ()]
    assert latest(shop) == {"a": "2.00"}
    deliver(shop, "south.csv", deals(a="3"))
    deliver(shop, "north.csv", deals(a="3"))
    assert [load.notes for load in shop.land()] == [(CORRECTION,), (CORRECTION,)]
    assert len(set(instants(shop))) == 3
    deliver(shop, "north.csv", deals(a="4"))
    assert [counts(load) for load in shop.land()] == [(1, 0, 0, 0)]
    assert latest(shop) == {"a": "4.00"}
    assert lands_nothing(shop)


def test_what_landed_under_another_name_is_one_load_and_no_correction(shop: Shop) -> None:
    two_tills(shop)
    deliver(shop, "north.csv", deals(a="1"))
    shop.land()
    deliver(shop, "south.csv", deals(a="1"))
    assert lands_nothing(shop)
    deliver(shop, "north.csv", deals(a="2"))
    assert [load.notes for load in shop.land()] == [(CORRECTION,)]
    assert lands_nothing(shop)
    # A corrected file that is renamed is still the one that landed.
    (shop.deliveries / DAY / "north.csv").rename(shop.deliveries / DAY / "east.csv")
    assert lands_nothing(shop)


def test_the_lake_alone_tells_what_a_correction_said(till: Shop, tmp_path: Path) -> None:
    """Run by run or killed in between, packed or not: the next delivery is compared with it."""
    till.landed(DAY, deals(a="10", b="5"))
    till.landed(DAY, deals(a="12", b="5"))
    till.landed("2025-02-03", deals(c="1"))
    other = Shop(tmp_path / "other", terms=till.terms)
    shutil.copytree(till.home, other.home)
    compact(other.lake)
    for one in (till, other):
        assert lands_nothing(one)
        assert counts(one.landed("2025-02-04", deals(a="12", b="5"))) == (0, 2, 0, 0)
        assert latest(one) == {"a": "12.00", "b": "5.00", "c": "1.00"}


def test_the_same_deliveries_in_the_same_order_make_the_same_lake(
    till: Shop, tmp_path: Path
) -> None:
    other = Shop(tmp_path / "other", terms=till.terms)
    for one in (till, other):
        for amount in ("10", "12", "10"):
            one.landed(DAY, deals(a=amount))
    assert rows_and_names(till) == rows_and_names(other)


def rows_and_names(shop: Shop) -> list[Row]:
    return shop.rows("_load_id, _key, _row_hash, _extracted_at, _source_file, amount")


@pytest.mark.parametrize("mode", ["incremental", "full"])
def test_where_two_loads_of_a_name_share_an_instant_what_lies_there_decides(
    shop: Shop, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it was until corrections had an instant of their own."""
    shop.terms = {"mode": mode}
    landed_as_before(shop, monkeypatch, deals(a="10", b="5"), deals(a="12", b="5"))
    (load,) = shop.land()
    assert (counts(load), load.notes) == ((2, 0, 0, 0), (CORRECTION,))
    assert latest(shop) == {"a": "12.00", "b": "5.00"}
    assert lands_nothing(shop)


def test_a_full_export_since_has_decided_it_already(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed_as_before(shop, monkeypatch, deals(a="10"), deals(a="12"))
    later = shop.deliver("2025-01-03", deals(a="13"))
    with monkeypatch.context() as patched:
        patched.setattr("ingest.landed.Landed.is_undecided", lambda *_: False)
        shop.land()
    assert later.exists()
    assert lands_nothing(shop)
    assert latest(shop) == {"a": "13.00"}


def landed_as_before(shop: Shop, monkeypatch: pytest.MonkeyPatch, *contents: str) -> None:
    """Land contents of one name at one and the same instant."""
    with monkeypatch.context() as patched:
        patched.setattr("ingest.landed.Landed.as_it_lands", lambda _, delivery: delivery)
        for content in contents:
            shop.landed(DAY, content)
    assert len(set(instants(shop))) == 1


def test_by_the_inbox_a_file_may_come_again_under_its_name(till: Shop, tmp_path: Path) -> None:
    inbox, name = tmp_path / "inbox", f"{DAY}/deals.csv"
    (inbox / DAY).mkdir(parents=True)
    source, lake = till.source(), Lake(till.lake)
    table = source.tables[0]
    told = []
    for amount in ("10", "12", "12", "10"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_text(deals(a=amount))
        assert take([source], inbox, till.deliveries, till.lake, 0).taken == (name,)
        told.append(len(load_table(source, table, till.deliveries, till.lake, None, True)))
        assert put_away(source, table, till.deliveries, lake) == [name]
    assert told == [1, 1, 0, 1]
    assert latest(till) == {"a": "10.00"}
    assert len(list(lake.originals(table).iterdir())) == 3


def offered(shop: Shop) -> list[str]:
    """The refused rows that a person is given to mend, and the books show."""
    path, warehouse = shop.home / "refused.csv", shop.home / "work.duckdb"
    write_refused_rows(shop.lake, path)
    with path.open(newline="") as file:
        rows = sorted(row["raw_text"] for row in csv.DictReader(file))
    write_loads_table(shop.lake, warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        booked = con.execute("select raw_text from raw.quarantine order by 1").fetchall()
    assert [text for (text,) in booked] == rows
    assert sum(group.rows for group in refusals(shop.lake)) == len(rows)
    return rows


def replayed(shop: Shop, *rows: tuple[Load, int, str]) -> list[Load]:
    texts = {(load.load_id, n): MendedRow(text, n) for load, n, text in rows}
    mended = Mended(Path("mended.csv"), texts)
    return replay_table(shop.source().tables[0], shop.deliveries, shop.lake, mended)


def test_rows_of_a_corrected_export_are_no_longer_open(shop: Shop) -> None:
    first = shop.landed(DAY, deals(a="1", b="x", c="y"))
    load = shop.landed(DAY, deals(a="1", c="z"))
    assert (counts(load), load.notes) == ((0, 1, 1, 0), (CORRECTION, "SETTLED 2"))
    assert offered(shop) == ["c,z,"]
    assert replayed(shop, (first, 2, "b,2,"), (first, 3, "c,3,")) == []
    assert [counts(one) for one in replayed(shop, (load, 2, "c,4,"))] == [(1, 0, 0, 0)]
    assert offered(shop) == []
    assert latest(shop) == {"a": "1.00", "c": "4.00"}


def test_a_refused_row_that_a_corrected_increment_brings_well_is_not_replayed(till: Shop) -> None:
    """The correction says of b what was known: it writes nothing that would go before a replay."""
    till.landed("2025-01-01", deals(b="2"))
    first = till.landed(DAY, deals(a="1", b="x", c="y", d="z"))
    load = till.landed(DAY, deals(b="2", d="w"))
    assert (counts(load), load.notes) == ((0, 1, 1, 0), (CORRECTION, "SETTLED 2"))
    # Of c the correction says nothing: it is not lost in silence.
    assert offered(till) == ["c,y,", "d,w,"]
    found = replayed(till, (first, 2, "b,9,"), (first, 3, "c,3,"), (first, 4, "d,9,"))
    assert [counts(one) for one in found] == [(1, 0, 0, 0)]
    assert latest(till) == {"a": "1.00", "b": "2.00", "c": "3.00"}
    assert offered(till) == ["d,w,"]
    assert lands_nothing(till)


@pytest.mark.parametrize(
    ("again", "left"),
    [
        ("a,1,\nb,2,\n", []),
        ("b,2\n", ["b,2"]),
        ("b,2,\n", ["b,2"]),
    ],
    ids=["whole", "refused again", "shorter"],
)
def test_a_refused_row_without_a_key_is_settled_by_a_file_that_is_no_shorter(
    till: Shop, again: str, left: list[str]
) -> None:
    till.landed(DAY, HEADER + "a,1,\nb,2\n")
    till.landed(DAY, HEADER + again)
    assert offered(till) == left


def test_a_replay_keeps_the_notes_of_the_file_but_not_those_of_its_load(till: Shop) -> None:
    """What the correction settled, and whom it asked, is not told of the replay too."""
    till.terms["delimiter"] = "detect"
    till.landed(DAY, HEADER + "a,x,\nb,y,\n")
    load = till.landed(DAY, (HEADER + "a,1,\nb,z,").replace(",", ";"))
    guessed = "GUESSED delimiter ';'"
    assert load.notes == (guessed, "NO_FINAL_NEWLINE", CORRECTION, "SETTLED 2")
    (done,) = replayed(till, (load, 2, "b;2;"))
    assert (done.notes, done.settles) == ((guessed, "NO_FINAL_NEWLINE"), ())


def test_what_one_correction_settles_may_lie_between_what_another_does(till: Shop) -> None:
    """The second and the third row by the first correction, those around them by the next, which
    settles nothing of the fifth: it says nothing of it."""
    till.landed(DAY, deals(a="x", b="x", c="x", d="x", e="x", f="x"))
    till.landed(DAY, deals(b="1", c="1"))
    load = till.landed(DAY, deals(a="1", d="1", f="1"))
    assert [settled[1:] for settled in load.settles] == [(1, 4, 2), (6, 6, 1)]
    assert offered(till) == ["e,x,"]


def test_a_correction_of_what_a_replay_left_settles_it_too(till: Shop) -> None:
    first = till.landed(DAY, deals(a="x", b="y"))
    (left,) = replayed(till, (first, 1, "a,1,"))
    assert offered(till) == ["b,y,"]
    compact(till.lake)
    load = till.landed(DAY, deals(a="1", b="2"))
    assert (load.notes, load.settles) == ((CORRECTION, "SETTLED 1"), ((left.load_id, 2, 2, 1),))
    assert offered(till) == []
    assert replayed(till, (first, 2, "b,9,")) == []


def test_a_correction_is_named_after_its_own_instant(till: Shop) -> None:
    till.landed(DAY, deals(a="10"))
    load = till.landed(DAY, deals(a="12"))
    table = till.source().tables[0]
    assert load.load_id == load_id(table, load.extracted_at, load.content_sha256)
