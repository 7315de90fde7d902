"""Who may read what a run writes: the owner alone, but for what is published and reported."""

import stat
from pathlib import Path

import duckdb

from orchestration.company import find_company
from orchestration.lock import sole_writer


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_warehouse_and_its_log_are_for_the_owner_alone_while_they_are_written(tiny, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    company = find_company(str(tiny.folder))
    with sole_writer(company), duckdb.connect(str(company.warehouse)) as connection:
        connection.execute("create table people as select 'ann@example.com' as email")
        log = company.warehouse.with_name("work.duckdb.wal")
        assert (rights(company.warehouse), rights(log)) == (0o600, 0o600)
    assert rights(company.published) & 0o055 == rights(company.home) & 0o055


def test_after_a_run_others_read_what_is_published_and_reported_and_no_more(demo_run):
    home = demo_run.company_home
    private = [home / name for name in ("lake", "target", "run_desk")]
    assert [rights(folder) for folder in private] == [0o700, 0o700, 0o700]
    files = [home / name for name in ("work.duckdb", "alerts.sqlite")]
    assert [rights(file) for file in files] == [0o600, 0o600]
    pages = home / "reports/data_docs/index.html"
    read = (demo_run.published, pages, home / "reports/pilotage_demo.prom")
    assert [rights(file) for file in read] == [0o444, 0o644, 0o644]
    copied = home / "published/parquet/mart_flash/mart_flash.parquet"
    assert [rights(path) for path in (copied, copied.parent)] == [0o444, 0o755]
    folders = {folder for file in read for folder in file.parents if home in folder.parents}
    assert {rights(folder) & 0o005 for folder in folders} == {rights(home) & 0o005}
