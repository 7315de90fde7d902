"""The days of the soak test: what goes wrong on one, and what must then be so at its end.

The cause of a fault goes as the runbook has a person do it, or by itself: the file is exported
again, the source answers, the disk has room. Nobody ever touches what Pilotage has written.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from loopback import Answer, Api
from soak_company import STARTED, Figures, Firm, end_of, local
from soak_machine import Disk, Outcome, call, some_kill

from expectations.alerts.book import open_book
from expectations.alerts.entries import all_alerts
from serving.fingerprints import table_hashes

# What must be told of a run that did not publish.
REASONS = {
    "missing column": r"column 'stage' of crm.opportunities is missing",
    "dead source": r"koban",
    "full disk": r"[Dd]isk is full|[Ff]ile too large|No space left",
}
LEFT_ON_FULL_DISK = (64 << 10, 1 << 20, 4 << 20)
# Lines of a run before which nothing of it has been judged.
BEFORE_JUDGING = ("fetched koban", "raw_crm/", "Prepare", "Build (dbt)")
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Pacific/Auckland")
# How much of the API's day may be missing before the desk wants to hear of it.
LATE_HOURS = 20
MOST_DAYS_WRONG = 3


@dataclass(frozen=True)
class Measured:
    """What a run took on a healthy day, and what lies there after it: `kept_files` without those of
    the lake, which has some for each delivery."""

    day: date
    peak_kb: int
    cpu_seconds: float
    kept_bytes: int
    kept_files: int


@dataclass
class Soak:
    """The company, its machine, and what was seen of them so far."""

    firm: Firm
    disk: Disk
    api: Api
    draw: Random
    begun: date
    clock_was_ahead_until: date = date.min
    measured: list[Measured] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.disk.folder / "soak"

    @property
    def published(self) -> Path:
        return self.data / "published" / "marts.duckdb"

    def call(self, *arguments: str, clock: datetime, **more: Any) -> Outcome:
        """The command line, at that time, on a machine that stands somewhere in the world."""
        environment = {
            **os.environ,
            "PILOTAGE_HOME": str(self.disk.folder),
            "PILOTAGE_SOURCE_KOBAN_BASE_URL": self.api.url,
            "PILOTAGE_SOURCE_KOBAN_API_KEY": "kob-k3y",
            "TZ": self.draw.choice(ZONES),
        }
        company = ("--company", str(self.firm.folder))
        return call([*arguments, *company], clock, environment, **more)

    def run(self, day: date, **more: Any) -> Outcome:
        """The run of a daily schedule, whose AS_OF is the day that the machine's clock shows."""
        before = self.firm.fetched()
        done = self.call("run", "--as-of", str(day), clock=local(day, STARTED), **more)
        self.firm.enter_fetched(before)
        return done

    def alerts(self) -> dict[str, str]:
        """Open alerts: family and rule -> title."""
        with open_book(self.data / "alerts.sqlite") as book:
            return {
                f"{alert.seen.family} {alert.seen.rule}": alert.seen.title
                for alert in all_alerts(book).values()
                if alert.life.state not in {"pending", "resolved"}
            }


def told(soak: Soak) -> Figures:
    """What readers find: day -> number and amount of open deals."""
    with duckdb.connect(str(soak.published), read_only=True) as reader:
        rows = reader.execute(
            "select snapshot_date, sum(open_count)::int, sum(gross_amount)"
            " from marts.fct_pipeline_snapshots group by all"
        ).fetchall()
        found = {day: (count, amount) for day, count, amount in rows}
        last = max(found)
        any_day = "select count(*), sum(amount) from pipeline_as_of(?)"
        assert reader.execute(any_day, [last]).fetchone() == found[last]
    return found


def live(soak: Soak, day: date, fault: str) -> None:
    """One day: people work, the CRM exports, something goes wrong, the run runs, all is judged."""
    soak.firm.sales.work(day)
    soak.firm.export(day)
    FAULTS[fault](soak, day)


def healthy(soak: Soak, day: date) -> None:
    done = soak.run(day)
    publishes(soak, day, done)
    assert "run run" not in soak.alerts()
    files = [path for path in soak.data.rglob("*") if path.is_file() and not path.is_symlink()]
    kept = sum(path.stat().st_size for path in files)
    outside = sum("lake" not in path.relative_to(soak.data).parts for path in files)
    soak.measured.append(Measured(day, done.peak_kb, done.cpu_seconds, kept, outside))
    print(f"  {soak.measured[-1]}")


def torn_row(soak: Soak, day: date) -> None:
    soak.firm.tear(day)
    done = soak.run(day)
    publishes(soak, day, done)
    assert "1 quarantined" in done.told


def missing_column(soak: Soak, day: date) -> None:
    whole = soak.firm.without_stages(day)
    refuses(soak, "missing column", partial(soak.run, day))
    whole.replace(soak.firm.export_to(day) / whole.name)


def dead_source(soak: Soak, day: date) -> None:
    soak.api.script = lambda _: Answer(None, 503)
    refuses(soak, "dead source", partial(soak.run, day))
    soak.api.script = soak.firm.answer


def full_disk(soak: Soak, day: date) -> None:
    with soak.disk.filled(soak.draw.choice(LEFT_ON_FULL_DISK)) as largest:
        refuses(soak, "full disk", partial(soak.run, day, largest_file=largest))


def killed(soak: Soak, day: date) -> None:
    """Readers see what they saw or, where the kill came late, the new version; whoever asks is told
    that the run was killed, and the watch tells that none was heard of."""
    kill = some_kill(soak.draw)
    print(f"  {kill}")
    before = told(soak)
    done = soak.run(day, kill=kill)
    assert done.code == -9, done.told
    seen = told(soak)
    assert seen in (before, soak.firm.books.pipeline(day))
    status = soak.call("status", "--json", clock=local(day, time(23, 50)))
    assert (status.code, json.loads(status.told)["runs"][0]["outcome"]) == (1, "killed")
    if kill.line in BEFORE_JUDGING:
        assert seen == before
        soak.call("alerts", "send", clock=local(day + timedelta(days=1), time(3, 30)))
        is_muted = day <= soak.clock_was_ahead_until
        assert is_muted or "heartbeat missed_run" in soak.alerts(), soak.alerts()


def clock_ahead(soak: Soak, day: date) -> None:
    wrong = day + timedelta(days=soak.draw.randint(1, MOST_DAYS_WRONG))
    publishes(soak, wrong, soak.run(wrong))
    soak.clock_was_ahead_until = wrong


def clock_back(soak: Soak, day: date) -> None:
    wrong = max(soak.begun, day - timedelta(days=soak.draw.randint(1, MOST_DAYS_WRONG)))
    publishes(soak, wrong, soak.run(wrong))


FAULTS: dict[str, Callable[[Soak, date], None]] = {
    "": healthy,
    "torn row": torn_row,
    "missing column": missing_column,
    "dead source": dead_source,
    "full disk": full_disk,
    "killed": killed,
    "clock ahead": clock_ahead,
    "clock back": clock_back,
}


def publishes(soak: Soak, as_of: date, done: Outcome) -> None:
    """The version that readers see stands at that day and is right; what is late is told: by an
    alert or, where a later day was judged before, by the run, which says why it changes no alert.
    """
    assert done.code == 0, done.told
    assert told(soak) == soak.firm.books.pipeline(as_of)
    end = end_of(as_of)
    heard = [at for at, deals in soak.firm.books.landed if at < end and "k1" in deals]
    if max(heard) < end - timedelta(hours=LATE_HOURS):
        is_old = "changes no alert: one as of" in done.told
        assert is_old or "koban" in soak.alerts().get("freshness k_late", ""), soak.alerts()


def refuses(soak: Soak, fault: str, run: Callable[[], Outcome]) -> None:
    """Readers see what they saw, and it is told why: by the message, and by an alert, for which a
    full disk may have no room."""
    before = table_hashes(soak.published)
    done = run()
    assert done.code in (1, 2), done.told
    assert re.search(REASONS[fault], done.told), done.told
    assert table_hashes(soak.published) == before
    if fault != "full disk":
        assert re.search(REASONS[fault], soak.alerts()["run run"]), soak.alerts()
