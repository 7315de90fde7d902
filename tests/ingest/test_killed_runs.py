"""SIGKILL while deliveries land: the next run ends with the lake of an undisturbed one.

At every named step, that is before each change of the disk's mind (a file opened to be written,
renamed, removed, a folder made), and at random instants. A kill of the process: what the system has
taken is written, what the process still held is lost.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from delivered import Shop

from ingest.books import write_loads_table
from ingest.contract import read_source
from ingest.errors import DeliveryError
from ingest.lake import REFUSED
from ingest.loads import load_table

HEADER = "id,amount,closed_on\n"
SEED = 20260101
INSTANTS = 200

# Lands what is pending; dies before the given step where one is given.
LAND = """
import os, signal, sys
from contextlib import suppress
from pathlib import Path
import ingest.csv_files, ingest.originals
from ingest.contract import read_source
from ingest.errors import DeliveryError
from ingest.loads import load_table

declaration, deliveries, lake, step = *map(Path, sys.argv[1:4]), int(sys.argv[4])
STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link")
done = 0

def die(event, args):
    global done
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if writes or event in STEPS:
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

source = read_source(declaration)
if step:
    sys.addaudithook(die)
print("ready", flush=True)
with suppress(DeliveryError):
    load_table(source, source.tables[0], deliveries, lake, keeps_originals=True)
"""


def delivered(shop: Shop) -> Shop:
    """Four deliveries: new rows and refused ones, changes, a key that vanishes, and one that is
    refused whole."""
    rows = "".join(f"k{number},{number},\n" for number in range(50))
    shop.deliver("2025-01-01", HEADER + rows + "x,?,\n")
    shop.deliver("2025-01-02", HEADER + rows.replace("k7,7", "k7,8") + "x,1,\n")
    shop.deliver("2025-01-03", HEADER + rows.replace("k9,9,\n", "") + "y,?,\nx,1,\n")
    shop.deliver("2025-01-04", HEADER.replace("amount", "price") + rows)
    shop.source()
    return shop


def command(shop: Shop, step: int = 0) -> list[str]:
    declaration = shop.home / "_shop__sources.yml"
    places = [declaration, shop.deliveries, shop.lake]
    return [sys.executable, "-c", LAND, *map(str, places), str(step)]


def contents(shop: Shop) -> dict[str, bytes]:
    """Every file of the lake and what is in it."""
    return {
        path.relative_to(shop.lake).as_posix(): path.read_bytes()
        for path in sorted(shop.lake.rglob("*"))
        if path.is_file()
    }


def land_again(shop: Shop) -> None:
    source = read_source(shop.home / "_shop__sources.yml")
    with pytest.raises(DeliveryError, match="'amount'"):
        load_table(source, source.tables[0], shop.deliveries, shop.lake, keeps_originals=True)


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, bytes]:
    shop = delivered(Shop(tmp_path / "undisturbed"))
    land_again(shop)
    made = contents(shop)
    assert [name for name in made if name.startswith(REFUSED)], "no step of a note is among them"
    return made


def kill_at_step(shop: Shop, step: int) -> bool:
    """Land with a kill before a step; False where the run ended before it came to that."""
    run = subprocess.run(
        command(shop, step), env=os.environ, check=False, capture_output=True, text=True
    )
    assert run.returncode in (0, -signal.SIGKILL), run.stderr
    return run.returncode != 0


def check(shop: Shop, undisturbed: dict[str, bytes]) -> None:
    """What is there may be read at once; the next run makes it whole."""
    write_loads_table(shop.lake, shop.home / "work.duckdb")
    land_again(shop)
    assert contents(shop) == undisturbed


@pytest.mark.parametrize("step", [1, 2, 3, 5, 8, 13, 21, 34, 54, 55])
def test_a_run_killed_at_a_step_is_made_good_by_the_next(
    tmp_path: Path, undisturbed: dict[str, bytes], step: int
) -> None:
    shop = delivered(Shop(tmp_path / "killed"))
    kill_at_step(shop, step)
    check(shop, undisturbed)


@pytest.mark.long
def test_a_run_killed_at_any_step_is_made_good_by_the_next(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    step = 0
    is_killed = True
    while is_killed:
        step += 1
        shop = delivered(Shop(tmp_path / f"killed-{step}"))
        is_killed = kill_at_step(shop, step)
        check(shop, undisturbed)
    assert step > 20


@pytest.mark.long
def test_a_run_killed_at_random_instants_is_made_good_by_the_next(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    """The instants lie within the time that an undisturbed run takes after it is ready."""
    draw = Random(SEED)
    longest = landing_seconds(delivered(Shop(tmp_path / "timed")))
    killed = 0
    for number in range(INSTANTS):
        shop = delivered(Shop(tmp_path / f"killed-{number}"))
        killed += kill_after(shop, draw.random() * longest)
        check(shop, undisturbed)
    assert killed > INSTANTS / 4, "most runs ended before they were killed"


def landing_seconds(shop: Shop) -> float:
    with subprocess.Popen(command(shop), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        run.stdout.readline()
        started = time.monotonic()
        run.wait()
    return time.monotonic() - started


def kill_after(shop: Shop, seconds: float) -> bool:
    with subprocess.Popen(command(shop), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(seconds)
        run.kill()
    return run.returncode == -signal.SIGKILL
