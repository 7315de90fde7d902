"""What people read."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alert_book import PROMPT, SEEN, Told, seen

from expectations.alerts.documents import one_line
from expectations.alerts.messages import message, sparkline


@pytest.mark.parametrize(
    ("points", "bars"),
    [
        ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"),
        ((0.0, None, 1.0), "▁·█"),
        ((5, 5, 5), "▄▄▄"),
        ((1,), "▄"),
        ((-1, 0, 1), "▁▅█"),
        ((None, None), ""),
        ((), ""),
        (None, ""),
    ],
)
def test_a_trend_is_drawn(points: tuple | None, bars: str) -> None:
    assert sparkline(points) == bars


def document(told: Told, notice: int = 0) -> dict:
    rows = told.rows("select body from outbox order by notice_id")
    return json.loads(rows[notice]["body"])


def test_a_message_says_what_where_whose_and_what_to_do(tmp_path: Path) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    told.hear(0, replace(SEEN, since=date(2025, 9, 18)))
    read = message(document(told))
    key = document(told)["key"]
    thread = document(told)["thread_key"]
    assert read.headline == f"[Acme] New (error): {SEEN.title}"
    assert read.thread == "[Acme] next_step, opportunities.next_step, company"
    assert read.text.splitlines() == [
        f"New           {SEEN.title}",
        "severity      error",
        "where         opportunities.next_step, company",
        "rule          next_step",
        "owner         sales_ops",
        "count         40 of 262 (15.3%)",
        "trend         ▁▂·▃▄▅▆█ (0.1 to 0.8)",
        "since         2025-09-18",
        "money at risk 1,200.50",
        "opened        2026-01-01T00:00:00Z",
        "records       o1, o2",
        "rows          select * from marts.fct_field_violations where is_open",
        "run           run-1",
        "what to do    docs/alerts.md#mandatory_fields",
        f"alert         {SEEN.fingerprint} (thread {thread})",
        f"key           {key}",
    ]


def test_an_escalation_says_what_it_was_before(tmp_path: Path) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    told.hear(0, seen(severity="warn"))
    told.hear(1, seen())
    assert "severity      error (was warn)" in message(document(told)).text.splitlines()


@pytest.mark.parametrize("counts", [(0, 0), (1, 1)], ids=["a figure", "one thing"])
def test_what_is_no_count_of_records_is_not_counted(
    tmp_path: Path, counts: tuple[int, int]
) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    failed, evaluated = counts
    told.hear(0, seen(failed_count=failed, evaluated_count=evaluated))
    assert "\ncount " not in message(document(told)).text


def test_a_count_without_a_base_has_no_share(tmp_path: Path) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    told.hear(0, seen(evaluated_count=0, failed_count=1234, trend=None, record_ids=()))
    text = message(document(told)).text
    assert "count         1,234\n" in text
    assert "trend" not in text
    assert "records" not in text


@pytest.mark.parametrize("family", ["mandatory_fields", "fill_rate", "run", "heartbeat"])
def test_the_runbook_has_an_entry_for_the_family(family: str) -> None:
    runbook = Path(__file__).parents[2] / "docs" / "alerts.md"
    assert re.search(rf"^## {family}$", runbook.read_text(), flags=re.M)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb", "a b"),
        ("  a\t\tb ", "a b"),
        ("a\u202eb\u200b", "a b"),
        ("é" * 200, "é" * 99 + "…"),
    ],
)
def test_a_line_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
