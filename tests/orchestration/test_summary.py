"""What a run says at its end."""

from datetime import datetime

from orchestration.as_of import resolve_as_of
from orchestration.company import find_company
from orchestration.progress import Built, Checked, Record
from orchestration.summary import summarize

PUBLISHED = {
    "version": "20260101T000000Z-0123456789ab",
    "path": "published/marts.duckdb",
    "is_new": True,
    "tables": 82,
    "dagster/row_count": 1000,
}


def test_a_failed_check_is_told_not_to_block_where_the_run_published(tiny, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    company = find_company(str(tiny.folder))
    day = datetime(2025, 1, 11)  # noqa: DTZ001 - UTC without zone, as everywhere
    as_of = resolve_as_of("2025-01-11", "UTC", day, day)
    fewer = Checked("deliveries__deals", "raw/deals", False, True, "", {"failed_count": 3})

    def told(*built: Built) -> list[str]:
        return list(summarize(company, as_of, Record("r1", [], [*built], [fewer]), 1.0).lines())

    line = "    FAILED    deliveries__deals on raw/deals: 3"
    free = "              None of these keeps a run from publishing."
    published = told(Built("published/marts", PUBLISHED, at=0.0))
    assert published[published.index(line) + 1] == free
    blocked = told()
    assert line in blocked
    assert free not in blocked
