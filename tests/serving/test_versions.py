"""Kept versions: listed, gone back to, and nobody writes into them."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from serving.publication import publish
from serving.reading import kept_versions
from serving.report.marts import open_marts
from serving.report.runs import run_blocks
from serving.report.texts import LANGUAGES, read_texts
from serving.rollback import roll_back
from serving.versions import PublicationError, current_version, sweep, versions

AS_OF_AT = datetime(2025, 12, 31, 23)  # noqa: DTZ001 - UTC without zone, as everywhere
MARTS = ("fct_deals", "fct_check_results")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three versions of one mart, whose amount is the version's number."""
    for number in range(3):
        publish_amount(tmp_path, number)
    return tmp_path / "published"


def publish_amount(tmp_path: Path, number: int, marts: tuple[str, ...] = MARTS):
    with duckdb.connect(str(tmp_path / "work.duckdb")) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create or replace table marts.fct_deals as select {number} as amount;
            create or replace table marts.fct_check_results as
            select
                'keys' as check_name, 'keys' as rule_family, 'passed' as status,
                true as is_blocking, 0 as failed_count
            """
        )
    return publish(
        tmp_path / "work.duckdb",
        tmp_path / "published",
        company="demo",
        as_of_at=AS_OF_AT,
        marts=marts,
        run_id=f"run-{number}",
    )


def amount(folder: Path) -> int:
    with duckdb.connect(str(folder / "pilotage.duckdb"), read_only=True) as connection:
        return connection.execute("select amount from marts.fct_deals").fetchall()[0][0]


def test_each_kept_version_says_what_it_is(folder):
    newest, *older = kept_versions(folder)
    assert (newest.name, newest.is_current) == (versions(folder)[-1], True)
    assert (newest.as_of_at, newest.run_id, newest.tables, newest.rows) == (
        AS_OF_AT,
        "run-2",
        2,
        2,
    )
    assert [(version.run_id, version.is_current) for version in older] == [
        ("run-1", False),
        ("run-0", False),
    ]


def test_a_version_of_before_runs_were_named_is_listed_too(folder):
    oldest = folder / f"marts-{versions(folder)[0]}.duckdb"
    oldest.chmod(0o644)
    with duckdb.connect(str(oldest)) as connection:
        connection.execute("alter table marts.published drop column run_id")
    assert [version.run_id for version in kept_versions(folder)] == ["run-2", "run-1", ""]


def damage(path: Path, harm: str) -> None:
    path.chmod(0o600)
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(
        {"cut": whole[:half], "empty": b"", "zeros": bytes(len(whole)), "noise": whole[::-1]}[harm]
    )


@pytest.mark.parametrize("harm", ["cut", "empty", "zeros", "noise"])
def test_a_damaged_version_is_told_and_the_others_are_read(folder, harm):
    damage(folder / f"marts-{versions(folder)[1]}.duckdb", harm)

    assert [(version.run_id, version.is_damaged) for version in kept_versions(folder)] == [
        ("run-2", False),
        ("", True),
        ("run-0", False),
    ]
    with open_marts(folder / "marts.duckdb") as marts:
        _, publications = run_blocks(marts)
    told = [(row["is_current"], row["tables"]) for row in publications.table.rows]
    assert told == [(True, 2), ("damaged", None), (False, 2)]
    assert all(read_texts(language)["yes.damaged"] for language in LANGUAGES)


def test_a_version_that_a_run_deletes_meanwhile_is_not_listed(folder, monkeypatch):
    listed = ["20200101T000000Z-000000000000", *versions(folder)]
    monkeypatch.setattr("serving.reading.versions", lambda _: listed)
    assert [version.run_id for version in kept_versions(folder)] == ["run-2", "run-1", "run-0"]


def test_what_a_killed_run_spilled_is_swept(folder):
    spilled = folder / f"marts-{current_version(folder)}.duckdb.tmp"
    spilled.mkdir()
    (spilled / "duckdb_temp_storage_S32K-0.tmp").write_bytes(b"spilled")
    sweep(folder)
    assert not spilled.exists()
    assert len(versions(folder)) == 3


def test_readers_go_back_a_version_at_a_time_or_to_a_named_one(folder):
    first, second, third = versions(folder)
    assert (roll_back(folder), amount(folder)) == (second, 1)
    assert (roll_back(folder), amount(folder)) == (first, 0)
    assert (roll_back(folder, third), amount(folder)) == (third, 2)
    assert versions(folder) == [first, second, third]


def test_a_run_after_a_rollback_publishes_what_it_built(folder, tmp_path):
    roll_back(folder)
    done = publish_amount(tmp_path, 2)
    assert done.is_new
    assert amount(folder) == 2
    assert current_version(folder) == versions(folder)[-1]


def test_there_is_no_way_back_to_what_is_not_kept(folder):
    roll_back(folder, versions(folder)[0])
    with pytest.raises(PublicationError, match="No version before"):
        roll_back(folder)
    with pytest.raises(PublicationError, match="is not kept") as unknown:
        roll_back(folder, "20200101T000000Z-000000000000")
    assert versions(folder)[1] in unknown.value.remedy
    with pytest.raises(PublicationError, match="Nothing is published"):
        roll_back(folder / "elsewhere")


def test_there_is_no_way_back_to_what_is_damaged(folder):
    first, second, third = versions(folder)
    damage(folder / f"marts-{second}.duckdb", "cut")
    with pytest.raises(PublicationError, match=f"{second} is damaged") as damaged:
        roll_back(folder, second)
    assert damaged.value.remedy == f"choose one of: {first}"
    assert (current_version(folder), amount(folder)) == (third, 2)
    assert (roll_back(folder), amount(folder)) == (first, 0)


def test_a_version_that_opens_and_cannot_be_read_to_its_end_is_damaged(folder, tmp_path):
    with duckdb.connect(str(tmp_path / "work.duckdb")) as connection:
        connection.execute(
            "create table marts.fct_many as select md5(i::text) from range(99999) t(i)"
        )
    many = publish_amount(tmp_path, 3, (*MARTS, "fct_many")).version
    publish_amount(tmp_path, 4)
    path = folder / f"marts-{many}.duckdb"
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)
    assert not kept_versions(folder)[1].is_damaged
    with pytest.raises(PublicationError, match="is damaged"):
        roll_back(folder, many)
    assert (roll_back(folder), amount(folder)) == (versions(folder)[2], 2)


def test_where_the_file_that_readers_see_is_gone_any_is_better(folder):
    _, second, third = versions(folder)
    (folder / f"marts-{third}.duckdb").unlink()
    assert current_version(folder) is None
    assert (roll_back(folder), amount(folder)) == (second, 1)


def test_what_somebody_wrote_beside_the_file_reaches_no_reader(folder, tmp_path):
    published = folder / f"marts-{current_version(folder)}.duckdb"
    published.chmod(0o644)  # as its owner may
    code = (
        "import duckdb, os; connection = duckdb.connect(os.environ['FILE']);"
        "connection.execute('set checkpoint_threshold = \\'1GB\\'');"
        "connection.execute('update marts.fct_deals set amount = 666'); os._exit(9)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "FILE": str(published)}, check=False
        ).returncode
        == 9
    )
    wal = published.with_name(published.name + ".wal")
    assert wal.exists()

    done = publish_amount(tmp_path, 2)

    assert done.stray_wals == (wal.name,)
    assert done.is_new
    assert not wal.exists()
    assert amount(folder) == 2


def test_a_published_file_is_for_reading(folder):
    assert (folder / "marts.duckdb").stat().st_mode & 0o777 == 0o444
