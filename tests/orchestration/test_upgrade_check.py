"""`pilotage upgrade-check`: what would break readers is told before it is published."""

import json
from dataclasses import replace
from datetime import datetime

import duckdb
import pytest
import yaml

from orchestration.company import find_company
from orchestration.upgrading import declared_contracts
from serving.contracts import Column, Contract, changes, published_contracts
from serving.publication import publish


@pytest.fixture
def declared(bare_tiny, monkeypatch) -> dict[str, Contract]:
    """The contracts of this version."""
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    return declared_contracts(find_company(str(bare_tiny.folder)))


@pytest.fixture
def publish_as(bare_tiny):
    """Publish empty marts of these contracts, as another version would have."""

    def publishing(contracts: dict[str, Contract]) -> None:
        bare_tiny.data.mkdir(parents=True, exist_ok=True)
        warehouse = bare_tiny.data / "work.duckdb"
        warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("create schema marts")
            for name, contract in contracts.items():
                columns = ", ".join(
                    f'"{column}" {told.data_type}{" not null" * told.is_required}'
                    for column, told in contract.columns.items()
                )
                connection.execute(f"create table marts.{name} ({columns})")
                text = f"{contract.grain}. And more.".replace("'", "''")
                connection.execute(f"comment on table marts.{name} is '{text}'")
        publish(
            warehouse,
            bare_tiny.data / "published",
            company="tiny",
            as_of_at=datetime(2025, 1, 11),  # noqa: DTZ001 - UTC without zone
            marts=contracts,
        )

    return publishing


@pytest.fixture
def checked(call_pilotage, bare_tiny):
    """Call it; returns exit code and the document."""

    def asked() -> tuple[int, dict]:
        folder = str(bare_tiny.folder)
        done = call_pilotage(bare_tiny.home, "upgrade-check", "--company", folder, "--json")
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    return asked


def without(contract: Contract, column: str) -> Contract:
    columns = {name: told for name, told in contract.columns.items() if name != column}
    return replace(contract, columns=columns)


def with_column(contract: Contract, name: str, column: Column) -> Contract:
    return replace(contract, columns={**contract.columns, name: column})


def test_where_nothing_is_published_nothing_breaks(checked, call_pilotage, bare_tiny):
    code, told = checked()
    assert (code, told["version"], told["breaking"], told["additions"]) == (0, None, [], [])
    text = call_pilotage(bare_tiny.home, "upgrade-check", "--company", str(bare_tiny.folder))
    assert text.stdout == f"Nothing is published yet: {told['tables']} tables would be new.\n"
    assert not bare_tiny.home.exists()


def test_a_mart_of_the_companys_own_may_declare_less(checked, bare_tiny):
    folder = bare_tiny.folder / "models/marts"
    folder.mkdir(parents=True)
    for name in ("mart_ours", "mart_theirs"):
        (folder / f"{name}.sql").write_text("select 1 as one")
    declared = {"models": [{"name": "mart_ours"}, {"name": "mart_theirs", "columns": ONE}]}
    (folder / "_marts__models.yml").write_text(yaml.safe_dump(declared))
    (folder / "_none__models.yml").write_text("models:\n")
    assert checked()[0] == 0


ONE = [{"name": "one"}]


def test_what_is_published_as_declared_is_no_change(checked, declared, publish_as):
    assert {"fct_alerts", "fct_check_results", "mart_flash", "kpi_values"} <= declared.keys()
    assert declared["dim_dates"].columns["date_day"] == Column("DATE", is_required=True)
    publish_as(declared)
    code, told = checked()
    assert (code, told["breaking"], told["additions"]) == (0, [], [])


def test_what_breaks_and_what_is_new_are_told_apart(
    checked, declared, publish_as, call_pilotage, bare_tiny
):
    dates, flash = declared["dim_dates"], declared["mart_flash"]
    older = {
        **declared,
        "fct_gone": Contract("One row per nothing", {"gone_id": Column("VARCHAR", False)}),
        "dim_dates": with_column(dates, "fiscal_year", Column("VARCHAR", False)),
        "mart_flash": with_column(flash, "mood", Column("VARCHAR", False)),
        "dim_reps": replace(declared["dim_reps"], grain="One row per rep and team"),
        "dim_stages": without(declared["dim_stages"], "stage_id"),
    }
    del older["fct_leads"]
    publish_as(older)
    code, told = checked()
    breaking = [(one["table"], one["column"]) for one in told["breaking"]]
    assert (code, breaking) == (
        1,
        [
            ("dim_dates", "fiscal_year"),
            ("dim_reps", None),
            ("fct_gone", None),
            ("mart_flash", "mood"),
        ],
    )
    additions = [(one["table"], one["column"]) for one in told["additions"]]
    assert additions == [("dim_stages", "stage_id"), ("fct_leads", None)]
    done = call_pilotage(bare_tiny.home, "upgrade-check", "--company", str(bare_tiny.folder))
    assert "  BREAKS  dim_dates.fiscal_year was VARCHAR, is INTEGER\n" in done.stdout
    assert "  new     dim_stages.stage_id is new: VARCHAR\n" in done.stdout
    assert "4 breaking changes, 2 additions\n  what to do: " in done.stdout


def test_additions_alone_are_fine(checked, declared, publish_as):
    newest = [*declared["mart_flash"].columns][-1]
    publish_as({**declared, "mart_flash": without(declared["mart_flash"], newest)})
    code, told = checked()
    assert (code, told["breaking"], len(told["additions"])) == (0, [], 1), told


def test_what_was_never_null_and_may_be_now_breaks(declared, publish_as, bare_tiny):
    publish_as(
        {"fct_check_results": declared["fct_check_results"], "dim_dates": declared["dim_dates"]}
    )
    before = published_contracts(bare_tiny.data / "published/marts.duckdb")
    assert before["dim_dates"] == declared["dim_dates"]
    looser = with_column(declared["dim_dates"], "date_day", Column("DATE", is_required=False))
    (change,) = changes({"dim_dates": before["dim_dates"]}, {"dim_dates": looser})
    assert (change.column, change.told, change.is_breaking) == ("date_day", "may be NULL now", True)
    assert [*changes({"dim_dates": looser}, {"dim_dates": before["dim_dates"]})] == []


def test_a_published_file_that_cannot_be_read_is_told(
    declared, publish_as, call_pilotage, bare_tiny
):
    publish_as({"fct_check_results": declared["fct_check_results"]})
    path = (bare_tiny.data / "published/marts.duckdb").resolve()
    path.chmod(0o600)
    path.write_bytes(b"no database")
    done = call_pilotage(bare_tiny.home, "upgrade-check", "--company", str(bare_tiny.folder))
    assert (done.returncode, "What is published cannot be read" in done.stderr) == (2, True)
    assert str(path) in done.stderr
