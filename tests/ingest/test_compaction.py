"""Compaction: fewer files, the same lake, whatever happens meanwhile."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from delivered import Row, Shop, counts

from ingest.compaction import compact
from ingest.generations import drop_old_generations, next_generation
from ingest.lake import Lake
from ingest.replay import replay_table

HEADER = "id,amount,closed_on\n"
DAYS = ("2025-01-01", "2025-01-02", "2025-01-31", "2025-02-01", "2025-02-02", "2025-03-01")


def months(shop: Shop) -> None:
    """Six loads in three months; one changes nothing, one refuses a row."""
    shop.terms["max_vanished_share"] = 1
    for number, day in enumerate(DAYS):
        amount = "x" if number == 3 else number // 2
        shop.landed(day, HEADER + f"a,{amount},\nb,1,\n")


def raw(shop: Shop) -> Path:
    return shop.lake / "raw/shop/deals"


def files(shop: Shop) -> list[str]:
    return sorted(path.name[:7] for path in raw(shop).glob("2025-*.parquet"))


def whole(shop: Shop) -> tuple[list[Row], list[object]]:
    """All that readers can know of a lake: rows and loads."""
    return shop.rows(), Lake(shop.lake).loads(shop.source().tables[0])


def test_months_that_are_over_are_one_file_each(shop: Shop) -> None:
    months(shop)
    before = whole(shop)
    packed = compact(shop.lake)
    assert (packed.before, packed.after) == (6, 3)
    assert files(shop) == ["2025-01", "2025-02"]
    assert whole(shop) == before
    assert compact(shop.lake) == type(packed)(3, 3)


def test_a_packed_lake_goes_on_as_if_it_were_not(shop: Shop, tmp_path: Path) -> None:
    other = Shop(tmp_path / "other")
    for one in (shop, other):
        months(one)
    compact(shop.lake)
    for one in (shop, other):
        assert counts(one.landed("2025-03-02", HEADER + "a,2,\n")) == (0, 1, 0, 1)
        assert one.land() == []
        one.columns["closed_on"] = "varchar"
        one.landed("2025-04-01", HEADER + "a,3,soon\n")
    compact(shop.lake)
    assert whole(shop) == whole(other)
    assert files(shop) == ["2025-01", "2025-02", "2025-03"]


def test_what_comes_late_into_a_packed_month_is_packed_with_it(shop: Shop) -> None:
    shop.terms["mode"] = "incremental"
    months(shop)
    compact(shop.lake)
    shop.landed("2025-01-15", HEADER + "c,1,\n")
    before = whole(shop)
    assert compact(shop.lake).after == 3
    assert files(shop) == ["2025-01", "2025-02"]
    assert whole(shop) == before


def test_refused_rows_of_a_packed_load_can_be_replayed(shop: Shop) -> None:
    months(shop)
    compact(shop.lake)
    shop.columns["amount"] = "varchar"
    (load,) = replay_table(shop.source().tables[0], shop.deliveries, shop.lake)
    assert counts(load)[:3] == (1, 0, 0)


def test_a_reader_that_has_resolved_the_lake_reads_on(shop: Shop) -> None:
    months(shop)
    before = shop.rows("_key")
    resolved = raw(shop).resolve()
    compact(shop.lake)
    with duckdb.connect() as con:
        seen = con.execute(f"select _key from read_parquet('{resolved}/*.parquet')").fetchall()
    assert sorted(seen) == sorted(before)
    assert drop_old_generations(shop.lake) == 0
    assert drop_old_generations(shop.lake, kept_seconds=-1) == 1
    assert not resolved.exists()
    assert shop.rows("_key") == before


def test_a_change_that_fails_leaves_the_lake_as_it_was(shop: Shop) -> None:
    months(shop)
    before = whole(shop)
    with pytest.raises(ZeroDivisionError), next_generation(shop.lake) as building:
        for path in building.rglob("*.parquet"):
            path.unlink()
        raise ZeroDivisionError
    assert whole(shop) == before
    assert [path.name for path in (shop.lake / "generations").iterdir()] == ["1"]


def test_a_lake_from_before_there_were_generations_is_taken_over(shop: Shop) -> None:
    months(shop)
    before = whole(shop)
    (shop.lake / "raw").unlink()
    (shop.lake / "generations/1/raw").rename(shop.lake / "raw")
    compact(shop.lake)
    assert (shop.lake / "raw").is_symlink()
    assert whole(shop) == before


KILLED = """
import os, signal, sys
from pathlib import Path
import ingest.compaction, ingest.generations, ingest.durable, ingest.lake

step, lake = int(sys.argv[1]), Path(sys.argv[2])
done = 0

def die(event, args):
    global done
    if event in ("os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir"):
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
ingest.compaction.compact(lake)
"""


def test_killed_at_any_step_it_loses_nothing_and_the_next_one_ends_it(
    shop: Shop, tmp_path: Path
) -> None:
    """Before each rename, link, removal: there and nowhere else the disk changes its mind."""
    months(shop)
    before = whole(shop)
    killed = step = 0
    while True:
        step += 1
        run = subprocess.run(
            [sys.executable, "-c", KILLED, str(step), str(shop.lake)],
            env=os.environ,
            check=False,
            capture_output=True,
            text=True,
        )
        assert whole(shop) == before
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        killed += 1
        step += killed // 2
    assert killed > 3
    assert files(shop) == ["2025-01", "2025-02"]
    assert not (shop.lake / "generations/.building").exists()
