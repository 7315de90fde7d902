"""The book as machines read it: a Prometheus text file, and the table marts.fct_alerts."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
from alert_book import SEEN, Told, at, seen
from prometheus_client.parser import text_string_to_metric_families
from receivers import Receiver

from expectations.alerts.book import open_book
from expectations.alerts.decisions import Person, acknowledge
from expectations.alerts.gauges import QualityFacts, write_book_gauges, write_quality_gauges
from expectations.alerts.mart import ALERTS, alerts_rows, write_alerts
from expectations.alerts.sending import send_due

FACTS = QualityFacts(
    open_violations={("opportunities", "error"): 41, ("accounts", "warn"): 0},
    fill_rates={("opportunities", "next_step"): 0.75, ("leads", "email"): None},
    freshness_hours={("crm", "opportunities"): 7.5},
    last_run_at=at(1),
)


def gauges(told: Told, path: Path, facts: QualityFacts = FACTS) -> dict[tuple, float]:
    """Write the gauges and read them back with Prometheus' own parser."""
    of_the_book = path.with_stem(f"{path.stem}_alerts")
    with open_book(told.path) as book:
        write_book_gauges(of_the_book, book)
    write_quality_gauges(path, facts)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for file in (path, of_the_book)
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
    }


def test_gauges_are_read_back(prompt: Told, tmp_path: Path) -> None:
    prompt.hear(0, seen(), seen(rule="other"))
    found = gauges(prompt, tmp_path / "metrics" / "pilotage.prom")
    name = "pilotage_open_violations"
    assert found[name, ("entity", "opportunities"), ("severity", "error")] == 41
    assert found[name, ("entity", "accounts"), ("severity", "warn")] == 0
    rates = {key: value for key, value in found.items() if key[0] == "pilotage_fill_rate"}
    expected = ("pilotage_fill_rate", ("entity", "opportunities"), ("field", "next_step"))
    assert rates == {expected: 0.75}
    assert found["pilotage_freshness_hours", ("source", "crm"), ("table", "opportunities")] == 7.5
    assert found["pilotage_last_run_timestamp_seconds",] == 1767229200
    assert found["pilotage_outbox_depth", ("channel", "pager"), ("status", "pending")] == 2
    assert found["pilotage_outbox_depth", ("channel", "pager"), ("status", "dead")] == 0
    with open_book(prompt.path) as book:
        send_due(book, {}, at(1))
    waiting = gauges(prompt, tmp_path / "pilotage.prom")
    assert waiting["pilotage_outbox_depth", ("channel", "pager"), ("status", "pending")] == 0
    assert waiting["pilotage_outbox_depth", ("channel", "pager"), ("status", "waiting")] == 2
    assert found["pilotage_alerts", ("severity", "error"), ("state", "open")] == 2
    assert found["pilotage_alerts", ("severity", "warn"), ("state", "open")] == 0


def test_an_empty_book_has_gauges_without_a_run(prompt: Told, tmp_path: Path) -> None:
    found = gauges(prompt, tmp_path / "p.prom", QualityFacts())
    assert {key[0] for key in found} == {"pilotage_alerts"}
    assert set(found.values()) == {0}


def test_a_channel_that_was_never_told_anything_has_a_depth_of_zero(
    prompt: Told, tmp_path: Path
) -> None:
    prompt.hear(0, seen())
    path = tmp_path / "p.prom"
    with open_book(prompt.path) as book:
        write_book_gauges(path, book, {"pager", "chat"})
    told = {line.rpartition(" ")[::2] for line in path.read_text().splitlines()}
    depth = 'pilotage_outbox_depth{{channel="{}",status="{}"}}'
    assert {(depth.format("chat", s), "0.0") for s in ("pending", "waiting", "dead")} <= told
    assert (depth.format("pager", "pending"), "1.0") in told


def test_a_reader_never_sees_half_a_file(prompt: Told, tmp_path: Path) -> None:
    path = tmp_path / "p.prom"
    gauges(prompt, path)
    whole = path.read_text()
    seen_texts, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen_texts.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        gauges(prompt, path)
    stop.set()
    reader.join()
    assert seen_texts == {whole}
    assert [p.name for p in tmp_path.glob("p.prom*")] == ["p.prom"]


def test_the_mart_shows_the_book(prompt: Told, receiver: Receiver, tmp_path: Path) -> None:
    team = seen(rule="fill", scope="team:South-2", money_at_risk=None)
    prompt.hear(0, seen(False), team)
    prompt.hear(23, seen(), team)
    prompt.hear(24, seen(), replace(team, is_bad=False))
    environment = {"PILOTAGE_CHANNEL_PAGER": receiver.url.replace("http", "webhook+http")}
    with open_book(prompt.path) as book:
        acknowledge(book, SEEN.fingerprint, Person("ada", at(25)))
        send_due(book, environment, at(26))
        warehouse = tmp_path / "work.duckdb"
        for _ in range(2):
            assert write_alerts(warehouse, book, at(24), "Europe/Paris") == 2
    with duckdb.connect(str(warehouse)) as con:
        relation = con.sql("select * from marts.fct_alerts order by rule")
        assert tuple(relation.columns) == ALERTS.column_names
        fill, step = [
            dict(zip(ALERTS.column_names, row, strict=True)) for row in relation.fetchall()
        ]
        undescribed = con.sql(
            "select column_name from duckdb_columns() where table_name = 'fct_alerts'"
            " and comment is null"
        ).fetchall()
    assert undescribed == []
    assert step == {
        "alert_id": SEEN.fingerprint,
        "rule": "next_step",
        "family": "mandatory_fields",
        "entity": "opportunities",
        "field": "next_step",
        "scope": "company",
        "severity": "error",
        "state": "acknowledged",
        "owner": "sales_ops",
        "title": SEEN.title,
        "failed_count": 40,
        "evaluated_count": 262,
        "reopened_n": 0,
        "money_at_risk": Decimal("1200.50"),
        "is_flapping": False,
        "since_date": SEEN.since,
        # as of 23:00 UTC is the local midnight that ends the first of January in Paris
        "first_bad_date": date(2026, 1, 1),
        "opened_date": date(2026, 1, 1),
        "resolved_date": None,
        "last_evaluated_date": date(2026, 1, 2),
        "acknowledged_at": at(25),
        "snoozed_until": None,
        "last_evaluated_at": at(24),
    }
    assert fill["state"] == "resolved"
    assert fill["resolved_date"] == date(2026, 1, 2)


def test_what_was_bad_too_few_times_is_not_in_the_mart(told: Told) -> None:
    told.hear(0, seen())
    with open_book(told.path) as book:
        assert [row[7] for row in alerts_rows(book, at(0), "UTC")] == ["pending"]
    told.hear(1, seen(False))
    with open_book(told.path) as book:
        assert alerts_rows(book, at(1), "UTC") == []


def test_the_mart_of_an_older_day_shows_what_was_known_then(prompt: Told) -> None:
    """Opened on the first day, resolved on the second, back on the third and acknowledged."""

    def known(hour: float) -> list[tuple]:
        with open_book(prompt.path) as book:
            return alerts_rows(book, at(hour), "UTC")

    shown = {}
    for hour, observed in ((24, seen()), (48, seen(False)), (72, seen(failed_count=50))):
        prompt.hear(hour, observed)
        shown[hour] = known(hour)
    assert [rows[0][7] for rows in shown.values()] == ["open", "resolved", "open"]
    with open_book(prompt.path) as book:
        acknowledge(book, SEEN.fingerprint, Person("ada", at(73)))
    # A run for an older day is not heard, and its mart is as it was on that day.
    assert prompt.hear(74, seen(failed_count=60), as_of_hour=48).is_ignored
    assert known(0) == []
    assert known(24) == shown[24]
    assert known(47) == shown[24]
    assert known(48) == shown[48]
    assert [row[7] for row in known(72)] == ["acknowledged"]
    # The same day evaluated again, with what was mended meanwhile.
    prompt.hear(75, seen(False), as_of_hour=72)
    prompt.hear(96, seen())
    assert [row[7] for row in known(72)] == ["resolved"]


def test_an_empty_book_makes_an_empty_table(prompt: Told, tmp_path: Path) -> None:
    with open_book(prompt.path) as book:
        assert write_alerts(tmp_path / "w.duckdb", book, at(0), "UTC") == 0
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        assert con.sql("select count(*) from marts.fct_alerts").fetchall() == [(0,)]
