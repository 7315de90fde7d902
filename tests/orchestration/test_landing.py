"""The demo company's deliveries and its lake: two invented pasts never meet in one lake."""

import shutil

import pyarrow.parquet as pq
import pytest

import ingest.demo.simulation
from expectations.alerts.book import open_book
from ingest.demo import first_extraction, last_extraction
from ingest.errors import PilotageError
from ingest.loads import load_table, newest_extraction, oldest_extraction
from orchestration.company import Company, find_company
from orchestration.landing import company_sources, write_demo_deliveries

SMALL, SMALLER = 0.02, 0.01


class Killed(BaseException):
    """The end of a process, as far as a test can bring it about."""


@pytest.fixture
def demo(tmp_path, monkeypatch) -> Company:
    monkeypatch.setenv("PILOTAGE_HOME", str(tmp_path))
    return find_company("demo")


def land(company: Company) -> None:
    """Deals and customers will do: a table delivered bit by bit, and one delivered whole."""
    (crm,) = (source for source in company_sources(company) if source.name == "crm")
    for name in ("opportunities", "accounts"):
        load_table(crm, crm.table(name), company.deliveries, company.lake)


def landed_deals(company: Company) -> set[str]:
    raw = company.lake / "raw/crm/opportunities"
    return {key for path in raw.glob("*.parquet") for key in _column(path, "id")}


def _column(path, name: str) -> list[str]:
    return pq.read_table(path, columns=[name]).column(name).to_pylist()


def killed(*_: object) -> None:
    raise Killed


def test_a_demo_of_another_size_is_refused_and_nothing_of_the_one_there_is_touched(demo):
    write_demo_deliveries(demo, SMALL)
    land(demo)
    with open_book(demo.alert_book) as book:
        before = landed_deals(demo), book.book_id

    with pytest.raises(PilotageError, match=r"made with SCALE=0.02, not SCALE=0.01") as caught:
        write_demo_deliveries(demo, SMALLER)
    assert "pilotage demo-deliveries --anew --scale 0.01" in str(caught.value)
    # Whoever tells no size means the one that is there.
    write_demo_deliveries(demo)

    with open_book(demo.alert_book) as book:
        assert (landed_deals(demo), book.book_id) == before


def test_a_demo_of_another_version_of_the_simulator_is_refused_too(demo, monkeypatch):
    write_demo_deliveries(demo, SMALLER)
    monkeypatch.setattr(ingest.demo.simulation, "VERSION", ingest.demo.simulation.VERSION + 1)
    with pytest.raises(PilotageError, match="another version of the simulator"):
        write_demo_deliveries(demo)


def test_a_demo_of_another_size_starts_anew_though_it_was_interrupted(demo, monkeypatch):
    write_demo_deliveries(demo, SMALL)
    land(demo)
    with monkeypatch.context() as patch:
        patch.setattr(ingest.demo.simulation, "make_life", killed)
        with pytest.raises(Killed):
            write_demo_deliveries(demo, SMALLER, anew=True)

    write_demo_deliveries(demo, SMALLER)
    land(demo)

    found = landed_deals(demo)
    shutil.rmtree(demo.lake)
    land(demo)
    assert found == landed_deals(demo)


def test_a_demo_of_another_size_has_a_book_of_alerts_of_its_own(demo):
    write_demo_deliveries(demo, SMALL)
    with open_book(demo.alert_book) as book:
        before = book.book_id
    write_demo_deliveries(demo, SMALL)
    with open_book(demo.alert_book) as book:
        assert book.book_id == before
    write_demo_deliveries(demo, SMALLER, anew=True)
    with open_book(demo.alert_book) as book:
        assert book.book_id != before


def test_a_lake_half_removed_is_not_taken_for_the_company_it_held(demo, monkeypatch):
    write_demo_deliveries(demo, SMALL)
    land(demo)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(Killed):
            write_demo_deliveries(demo, SMALLER, anew=True)

    write_demo_deliveries(demo, SMALL)
    assert landed_deals(demo) == set()


def test_what_was_landed_while_the_deliveries_were_half_written_is_not_kept(demo, monkeypatch):
    write_demo_deliveries(demo, SMALL)
    with monkeypatch.context() as patch:
        # As if the kill came before the first old file was gone.
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        patch.setattr(ingest.demo.simulation, "make_life", killed)
        with pytest.raises(Killed):
            write_demo_deliveries(demo, SMALLER, anew=True)
    land(demo)
    assert landed_deals(demo)

    write_demo_deliveries(demo, SMALLER)
    assert landed_deals(demo) == set()


def test_the_same_company_keeps_its_lake(demo):
    write_demo_deliveries(demo, SMALLER)
    land(demo)
    before = landed_deals(demo)

    write_demo_deliveries(demo, SMALLER)
    assert landed_deals(demo) == before != set()
    shutil.rmtree(demo.deliveries)
    write_demo_deliveries(demo, SMALLER)
    assert landed_deals(demo) == before


def test_the_first_and_the_last_extraction_are_known_before_they_are_written(demo):
    write_demo_deliveries(demo, SMALLER)
    sources = company_sources(demo)
    assert oldest_extraction(sources, demo.lake, demo.deliveries) == first_extraction()
    assert newest_extraction(sources, demo.lake, demo.deliveries) == last_extraction()
