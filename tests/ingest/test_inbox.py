"""The inbox and the originals: dropped, settled, taken, landed, kept, put away."""

import fcntl
import gzip
import os
from pathlib import Path

import pytest
from delivered import Shop, counts

from ingest.errors import DeliveryError
from ingest.inbox import put_away, take
from ingest.lake import Lake, Load
from ingest.loads import load_table
from ingest.originals import drop_old_originals, original_of

HEADER = "id,amount,closed_on\n"
NAME = "2025-01-01/deals.csv"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def drop(inbox: Path, name: str = NAME, text: str = HEADER + "a,1,\n") -> Path:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def look(shop: Shop, inbox: Path, settle_seconds: int = 0) -> tuple[list[str], dict[str, str]]:
    """What is taken, and what is left for which reason."""
    found = take([shop.source()], inbox, shop.deliveries, shop.lake, settle_seconds)
    return list(found.taken), dict(found.left)


def land(shop: Shop) -> list[Load]:
    source = shop.source()
    return load_table(source, source.tables[0], shop.deliveries, shop.lake, keeps_originals=True)


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_settled_file_moves_to_the_deliveries(shop: Shop, inbox: Path) -> None:
    drop(inbox)
    drop(inbox, "2025-01-02/.deals.csv.part")
    assert look(shop, inbox) == ([NAME], {})
    assert files_below(inbox) == ["2025-01-02/.deals.csv.part"]
    assert files_below(shop.deliveries) == [NAME]
    assert [counts(load) for load in shop.land()] == [(1, 0, 0, 0)]


def test_a_file_that_no_declared_path_fits_is_named_and_stays(shop: Shop, inbox: Path) -> None:
    drop(inbox)
    strangers = ["2025-01-01/deals.CSV", "2025-01-02/old/deals.csv", "unknown.txt"]
    for name in (*strangers, "2025-01-03/deals.csv.part", ".listing", ".trash/2025-01-01/a.csv"):
        drop(inbox, name)
    reason = "no declared path fits its name"
    assert look(shop, inbox) == ([NAME], dict.fromkeys(strangers, reason))
    assert set(strangers) < set(files_below(inbox))
    assert files_below(shop.deliveries) == [NAME]


def test_a_file_that_changed_a_moment_ago_is_left_alone(shop: Shop, inbox: Path) -> None:
    path = drop(inbox)
    os.utime(path, (0, 0))
    assert look(shop, inbox, 3600) == ([], {NAME: "it is still being written"})
    assert look(shop, inbox) == ([NAME], {})


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="only Linux tells who writes")
def test_a_file_that_somebody_has_open_for_writing_is_left_alone(shop: Shop, inbox: Path) -> None:
    path = drop(inbox)
    with path.open("a"):
        assert look(shop, inbox) == ([], {NAME: "it is still being written"})
    with path.open():
        assert look(shop, inbox) == ([NAME], {})


def test_links_are_refused(shop: Shop, inbox: Path, tmp_path: Path) -> None:
    secret = drop(tmp_path / "elsewhere")
    (inbox / "2025-01-01").mkdir()
    (inbox / NAME).symlink_to(secret)
    (inbox / "2025-01-02").symlink_to(secret.parent, target_is_directory=True)
    (inbox / "2025-01-03").mkdir()
    (inbox / "2025-01-03/deals.csv").hardlink_to(secret)
    taken, left = look(shop, inbox)
    assert taken == []
    assert {name[9]: reason.partition(":")[0] for name, reason in left.items()} == {
        "1": "it is a link, or lies in one",
        "2": "it is a link, or lies in one",
        "3": "it is no file of its own",
    }
    assert not shop.deliveries.exists()


def test_a_name_that_is_taken_waits_and_the_same_file_twice_is_one(shop: Shop, inbox: Path) -> None:
    shop.deliver("2025-01-01", HEADER + "a,1,\n")
    drop(inbox, text=HEADER + "a,2,\n")
    reason = "another file of that name has not landed yet"
    assert look(shop, inbox) == ([], {NAME: reason})
    drop(inbox)
    assert look(shop, inbox) == ([NAME], {})
    assert files_below(inbox) == []


def test_what_mends_a_refused_file_is_told_what_to_remove(shop: Shop, inbox: Path) -> None:
    refused = shop.deliver("2025-01-01", "id,closed_on\na,\n")
    with pytest.raises(DeliveryError, match="'amount'"):
        land(shop)
    drop(inbox)
    reason = f"another file of that name was refused: remove {refused} to let this one come"
    assert look(shop, inbox) == ([], {NAME: reason})
    refused.unlink()
    assert look(shop, inbox) == ([NAME], {})
    assert [counts(load) for load in land(shop)] == [(1, 0, 0, 0)]


def test_an_impossible_day_and_a_missing_inbox_are_told(shop: Shop, inbox: Path) -> None:
    drop(inbox, "2025-02-30/deals.csv")
    with pytest.raises(DeliveryError, match="impossible instant") as refusal:
        look(shop, inbox)
    assert refusal.value.where.startswith("2025-02-30/deals.csv (")
    with pytest.raises(DeliveryError, match="the inbox cannot be used: No such file"):
        look(shop, inbox / "none")


def test_what_has_landed_is_kept_packed_and_put_away(shop: Shop, inbox: Path) -> None:
    text = HEADER + "a,1,\nb,x,\n"
    drop(inbox, text=text)
    look(shop, inbox)
    shop.deliver("2025-01-02", HEADER)
    (first, _) = land(shop)
    shop.deliver("2025-01-03", HEADER)
    source, lake = shop.source(), Lake(shop.lake)
    original = original_of(lake, first)
    assert original == shop.lake / f"deliveries/shop/deals/{first.load_id}.gz"
    assert gzip.decompress(original.read_bytes()) == text.encode()
    gone = put_away(source, source.tables[0], shop.deliveries, lake)
    assert gone == [NAME, "2025-01-02/deals.csv"]
    assert files_below(shop.deliveries) == ["2025-01-03/deals.csv"]
    assert [path.name for path in shop.deliveries.iterdir()] == ["2025-01-03"]
    drop(inbox, text=text)
    assert look(shop, inbox) == ([NAME], {})
    assert [load.source_file for load in land(shop)] == ["2025-01-03/deals.csv"]


def test_what_came_packed_is_kept_as_it_is(shop: Shop) -> None:
    shop.terms["path"] = "{extracted_at:%Y-%m-%d}/deals.csv.gz"
    content = gzip.compress((HEADER + "a,1,\n").encode())
    drop(shop.deliveries, "2025-01-01/deals.csv.gz").write_bytes(content)
    (load,) = land(shop)
    original = original_of(Lake(shop.lake), load)
    assert original is not None
    assert original.read_bytes() == content


def test_originals_older_than_their_retention_go(shop: Shop) -> None:
    for day in ("2025-01-01", "2025-01-02", "2025-01-31"):
        shop.deliver(day, HEADER)
    loads, tables, lake = land(shop), shop.source().tables, Lake(shop.lake)
    assert drop_old_originals(lake, tables, 30) == 0
    assert drop_old_originals(lake, tables, 29) == 1
    assert [bool(original_of(lake, load)) for load in loads] == [False, True, True]
    assert shop.land() == []


def test_without_a_setting_no_original_is_kept(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER)
    assert not (shop.lake / "deliveries").exists()
