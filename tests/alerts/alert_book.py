"""Alerts made by hand: a policy, observations, and a book that evaluations are told to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from expectations.alerts.book import Book, open_book
from expectations.alerts.entries import Alert, all_alerts
from expectations.alerts.evaluation import Evaluation, evaluate
from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy, Route, Setting

START = datetime.fromisoformat("2026-01-01")
CANARY = "canary-7f3a-secret"

ERROR = Setting(
    open_after=2,
    resolve_after=2,
    repeat_hours=24,
    escalation_growth=Decimal("0.25"),
    flapping_changes=4,
    flapping_hours=48,
    notify="at_once",
)
WARN = replace(ERROR, open_after=1, resolve_after=1, notify="digest")
POLICY = Policy(
    settings={"error": ERROR, "warn": WARN},
    routes=(
        Route("sales_ops", "error", "*", "pager"),
        Route("sales_ops", "*", "*", "chat"),
        Route("*", "*", "*", "ops"),
    ),
    company="Acme",
    business_tz="Europe/Paris",
)
PROMPT = replace(
    POLICY, settings={"error": replace(ERROR, open_after=1, resolve_after=1), "warn": WARN}
)

SEEN = Observation(
    family="mandatory_fields",
    rule="next_step",
    entity="opportunities",
    field="next_step",
    scope="company",
    severity="error",
    is_bad=True,
    owner="sales_ops",
    title="next_step of opportunities: 41 of 262 due are empty or invalid.",
    failed_count=40,
    evaluated_count=262,
    trend=(0.1, 0.2, None, 0.3, 0.4, 0.5, 0.6, 0.8),
    money_at_risk=Decimal("1200.50"),
    rows_query="select * from marts.fct_field_violations where is_open",
    record_ids=("o1", "o2"),
)


def seen(is_bad: bool | None = True, **changes: object) -> Observation:
    """The observation of these tests, with some of it changed."""
    return replace(SEEN, is_bad=is_bad, **changes)  # type: ignore[arg-type]


class Told:
    """A book in a file, told evaluations hour by hour; `as_of` is `now` unless given."""

    def __init__(self, path: Path, policy: Policy = POLICY) -> None:
        self.path = path
        self.policy = policy

    def hear(
        self,
        hour: float,
        *observations: Observation,
        as_of_hour: float | None = None,
        desk_rules: Mapping[str, Collection[str]] | None = None,
    ) -> Evaluation:
        """One evaluation, `hour` hours after the start."""
        as_of = START + timedelta(hours=hour if as_of_hour is None else as_of_hour)
        with open_book(self.path) as book:
            return evaluate(
                book,
                observations,
                as_of=as_of,
                now=at(hour),
                policy=self.policy,
                run_link="run-1",
                desk_rules=desk_rules,
            )

    def alert(self, of: Observation = SEEN) -> Alert:
        """The alert as it stands."""
        with open_book(self.path) as book:
            return all_alerts(book)[of.fingerprint]

    def story(self, of: Observation = SEEN) -> list[str]:
        """The transitions of the alert, oldest first."""
        return [
            row["kind"]
            for row in self.rows(
                f"select kind from transitions where fingerprint = '{of.fingerprint}'"
                " order by number"
            )
        ]

    def notices(self, kind: str = "%") -> list[tuple[str, str]]:
        """Kind and channel of every notice in the outbox, in the order written."""
        return [
            (row["kind"], row["channel"])
            for row in self.rows(
                f"select kind, channel from outbox where kind like '{kind}' order by notice_id"
            )
        ]

    def rows(self, sql: str) -> Sequence:
        """The rows of a select on the book."""
        with open_book(self.path) as book:
            return book.rows(sql)


def at(hour: float) -> datetime:
    """So many hours after the start of the tests' time."""
    return START + timedelta(hours=hour)


def dump(book: Book) -> list[str]:
    """The whole book as SQL."""
    return list(book.connection.iterdump())
