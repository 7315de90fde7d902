"""What many small files cost a reader: three years of daily loads, as they landed and compacted.

    .venv/bin/python bench/small_loads.py [days] [rows a day]

Lands one table's daily increments (1,100 of 200 rows, unless told otherwise) into a scratch lake,
reads it as a staging model does, compacts it and reads it again; and once more a month of loads
later, which is the most that a lake compacted every month makes its readers open. Prints the median
of wall and CPU milliseconds of each and how they compare. It reports; it judges nothing.
"""

import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.compaction import compact
from ingest.contract import read_source
from ingest.loads import load_table
from ingest.tables import Source

DECLARATION = """
version: 2
sources:
  - name: raw_shop
    tables:
      - name: deals
        config:
          meta:
            keys: [id]
            delivery: {mode: incremental, path: "{extracted_at:%Y-%m-%d}.csv"}
        columns:
          - {name: id, data_type: varchar}
          - {name: stage, data_type: varchar}
          - {name: amount, data_type: "decimal(18,2)"}
          - {name: closed_on, data_type: date}
"""
FIRST_DAY = date(2023, 1, 1)
DAYS, ROWS = 1_100, 200
REPEATS = 15
# The latest row of each key, and all of them: what the models ask of a raw table.
LATEST = """
    select count(*), sum(amount) from (
        select * from {lake}
        qualify row_number() over (
            partition by _key order by _extracted_at desc, _source_file desc, _row_number desc
        ) = 1
    )
"""
Times = tuple[float, float]


def deliver(folder: Path, days: range, rows: int) -> None:
    """Write an increment a day: new deals, and older ones that moved on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in days:
        day = FIRST_DAY + timedelta(days=number)
        lines = [
            f"d{(number * rows // 2 + row) % 100_003},s{(number + row) % 7},{row}.50,{day}"
            for row in range(rows)
        ]
        (folder / f"{day}.csv").write_text("\n".join(["id,stage,amount,closed_on", *lines, ""]))


def land(source: Source, home: Path) -> None:
    load_table(source, source.tables[0], home / "deliveries", home / "lake")


def read(lake: Path) -> Times:
    """Median milliseconds, wall and CPU, of reading the table by its pattern, as dbt does."""
    files = f"read_parquet('{lake}/raw/shop/deals/*.parquet', union_by_name=true)"
    walls, cpus = [], []
    for _ in range(REPEATS):
        with duckdb.connect() as con:
            wall, cpu = time.perf_counter(), time.process_time()
            con.execute(LATEST.format(lake=files)).fetchall()
            walls.append(1000 * (time.perf_counter() - wall))
            cpus.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(cpus)


def show(title: str, lake: Path, times: Times, base: Times | None = None) -> None:
    files = len(list((lake / "raw/shop/deals").glob("*.parquet")))
    against = f"{times[0] / base[0]:8.2f} {times[1] / base[1]:8.2f}" if base else ""
    print(f"{title:<32}{files:>7,}{times[0]:>10.1f}{times[1]:>10.1f}  {against}")


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        declaration = home / "_shop__sources.yml"
        declaration.write_text(DECLARATION)
        source, lake = read_source(declaration), home / "lake"
        deliver(home / "deliveries", range(days), rows)
        land(source, home)
        print(f"{'':<32}{'files':>7}{'wall ms':>10}{'CPU ms':>10}    x wall    x CPU")
        small = read(lake)
        started = time.perf_counter()
        compact(lake)
        seconds = time.perf_counter() - started
        packed = read(lake)
        show("compacted", lake, packed)
        deliver(home / "deliveries", range(days, days + 31), rows)
        land(source, home)
        show("compacted, a month later", lake, read(lake), packed)
        print(
            f"as landed, {days:,} files: {small[0]:.1f} ms wall, {small[1]:.1f} ms CPU,"
            f" {small[0] / packed[0]:.2f} and {small[1] / packed[1]:.2f} times the compacted lake;"
            f" compaction took {seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
