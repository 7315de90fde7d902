"""`pilotage alerts`: list, show, ack, snooze, resolve, send, digest. Reads the clock, its edge."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from expectations.alerts import decisions, heartbeat, outbox
from expectations.alerts.book import Book, open_book
from expectations.alerts.decisions import Person
from expectations.alerts.digest import digest as write_digest
from expectations.alerts.documents import alert_document
from expectations.alerts.entries import Alert, all_alerts, find_alert
from expectations.alerts.instants import end_of_day, local_day, utc
from expectations.alerts.lifecycle import LIVING
from expectations.alerts.messages import sparkline
from expectations.alerts.sending import SendReport, send_due
from expectations.desk_files import read_day
from expectations.errors import ExpectationsError
from orchestration.alerting import (
    tell_due_erasures,
    tell_exporter,
    tell_killed_run,
    usable_policy,
)
from orchestration.company import Company, find_company
from orchestration.options import CompanyOption, JsonOption
from orchestration.terminal import BAD_INPUT, BLOCKED, plain_errors, print_json

LONGEST_SNOOZE = timedelta(days=366)
_ORDER = {"open": 0, "acknowledged": 1, "snoozed": 2, "pending": 3, "resolved": 4}

app = typer.Typer(
    help="The book of alerts: what is wrong, who has been told, who works on it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AlertArgument = Annotated[str, typer.Argument(help="The alert's id, or its first digits.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the book.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides; default: your login name.")]


@app.command("list")
def list_alerts(
    company: CompanyOption = "demo",
    everything: Annotated[bool, typer.Option("--all", help="Also pending and resolved.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The alerts that are open, acknowledged or snoozed, and the notices that wait."""
    with plain_errors(), _book(find_company(company)) as book:
        shown = [a for a in all_alerts(book).values() if everything or a.life.state in LIVING]
        shown.sort(key=lambda a: (_ORDER[a.life.state], a.seen.severity, a.fingerprint))
        waiting = [dict(row) for row in outbox.unsent(book)]
    if as_json:
        print_json({"alerts": [alert_document(alert) for alert in shown], "unsent": waiting})
        return
    for alert in shown:
        typer.echo(_line(alert))
    typer.echo(f"{len(shown)} alerts" if shown else "No alert.")
    _show_waiting(waiting)


@app.command()
def show(
    alert_id: AlertArgument, company: CompanyOption = "demo", as_json: JsonOption = False
) -> None:
    """All about one alert: rows, history, decisions."""
    with plain_errors(), _book(find_company(company)) as book:
        alert = find_alert(book, alert_id)
        history = [dict(row) for row in decisions.transitions_of(book, alert.fingerprint)]
        decided = [dict(row) for row in decisions.decisions_of(book, alert.fingerprint)]
    document = alert_document(alert)
    if as_json:
        print_json({**document, "transitions": history, "decisions": decided})
        return
    document["trend"] = sparkline(document["trend"])
    document["record_ids"] = ", ".join(document["record_ids"])
    for name, value in document.items():
        if value not in (None, ""):
            typer.echo(f"{name:<20} {value}")
    for step in history:
        typer.echo(f"  {step['moved_at'][:19]}Z  {step['kind']} ({step['severity']})")
    for one in decided:
        typer.echo(f"  {one['decided_by']} {one['decision']}: {one['note']}".rstrip(": "))


@app.command()
def ack(
    alert_id: AlertArgument,
    company: CompanyOption = "demo",
    by: ByOption = "",
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Somebody works on it: no repeats; if it gets worse it is still told."""
    with plain_errors(), _book(find_company(company)) as book:
        _show_decided(decisions.acknowledge(book, alert_id, _person(by, note)), as_json)


@app.command()
def snooze(
    alert_id: AlertArgument,
    company: CompanyOption = "demo",
    until: Annotated[str, typer.Option(help="The last silent day, YYYY-MM-DD.")] = "",
    days: Annotated[int, typer.Option(min=0, max=366, help="Or: so many days from now.")] = 0,
    by: ByOption = "",
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Nothing until then; told again if it is still bad."""
    with plain_errors():
        chosen = find_company(company)
        person = _person(by, note)
        end = _end_of_snooze(until, days, chosen.business_tz, person.now)
        with _book(chosen) as book:
            _show_decided(decisions.snooze(book, alert_id, person, end), as_json)


@app.command()
def resolve(
    alert_id: AlertArgument,
    company: CompanyOption = "demo",
    by: ByOption = "",
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """It is mended; it comes back if the next evaluations say otherwise."""
    with plain_errors():
        chosen = find_company(company)
        with _book(chosen) as book:
            alert = decisions.resolve(book, alert_id, _person(by, note), chosen.label)
            _show_decided(alert, as_json)


@app.command()
def send(
    company: CompanyOption = "demo",
    dead: Annotated[bool, typer.Option("--dead", help="Also what was given up.")] = False,
    silence: Annotated[
        int,
        typer.Option(
            "--longest-silence",
            envvar="PILOTAGE_LONGEST_SILENCE_HOURS",
            min=1,
            help="Hours without an evaluation before that is an alert.",
        ),
    ] = int(heartbeat.LONGEST_SILENCE / timedelta(hours=1)),
    as_json: JsonOption = False,
) -> None:
    """Look for a killed run and due erasures, check the heartbeat, and send what is due.

    Exits 1 where notices are dead or stuck, 2 where routes or settings of the desk are wrong: older
    ones are used then, and notices go out all the same.
    """
    with plain_errors():
        chosen = find_company(company)
        policy, faults = usable_policy(chosen)
        tell_killed_run(chosen)
        tell_due_erasures(chosen)
        with _book(chosen) as book:
            now = _now()
            heartbeat.heartbeat(book, now, timedelta(hours=silence), policy)
            queued, superseded = outbox.requeue_dead(book, now) if dead else (0, 0)
            report = send_due(book, os.environ, now)
            waiting = [dict(row) for row in outbox.unsent(book)]
            is_stuck = heartbeat.is_stuck(book, now)
            tell_exporter(chosen, book, policy)
        told = {"queued_again": queued, "superseded": superseded}
        _show_sent(report, told, waiting, as_json)
        _show_faults(faults)
        if is_stuck or faults:
            raise typer.Exit(BAD_INPUT if faults else BLOCKED)


@app.command()
def digest(company: CompanyOption = "demo", as_json: JsonOption = False) -> None:
    """Write today's digest of warnings into the outbox, once per day and channel."""
    with plain_errors():
        chosen = find_company(company)
        policy, faults = usable_policy(chosen)
        with _book(chosen) as book:
            written = write_digest(book, _now(), policy)
        if as_json:
            print_json({"written": written})
        else:
            typer.echo(f"{written} digests written; `pilotage alerts send` sends them.")
        _show_faults(faults)
        if faults:
            raise typer.Exit(BAD_INPUT)


@contextmanager
def _book(company: Company) -> Iterator[Book]:
    with open_book(company.alert_book) as book:
        yield book


def _now() -> datetime:
    return utc(datetime.now(UTC))


def _person(name: str, note: str) -> Person:
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            raise ExpectationsError(
                "This system does not know your name.", "option --by", "Give it: --by <name>."
            ) from None
    return Person(name, _now(), note)


def _end_of_snooze(until: str, days: int, zone: str, now: datetime) -> datetime:
    """Inclusive, as every `until` of the desk. Raises ExpectationsError unless one can be used."""
    if bool(until) == bool(days):
        complaint = "has two ends" if until else "needs an end"
        raise ExpectationsError(
            f"A snooze {complaint}.", "alerts snooze", "Give --until 2026-01-31 or --days 3."
        )
    try:
        last = read_day(until) if until else local_day(now, zone) + timedelta(days=days)
    except ValueError as error:
        remedy = "Write the day as YYYY-MM-DD, for example 2026-01-31."
        raise ExpectationsError(f"{until!r} is no day.", "alerts snooze --until", remedy) from error
    if last > local_day(now, zone) + LONGEST_SNOOZE:
        raise ExpectationsError(
            "A snooze of more than a year is no snooze.",
            "alerts snooze",
            "Change the rule on the desk, or give an earlier end.",
        )
    return end_of_day(last, zone) if until else now + timedelta(days=days)


def _line(alert: Alert) -> str:
    seen, life = alert.seen, alert.life
    flags = " flapping" * alert.is_flapping + " not evaluated" * (life.stale_since is not None)
    return (
        f"{alert.fingerprint}  {life.state:<12} {seen.severity:<5} {seen.owner:<16} "
        f"{seen.title}{f' ({flags.strip()})' if flags else ''}"
    )


def _show_decided(alert: Alert, as_json: bool) -> None:
    if as_json:
        print_json(alert_document(alert))
    else:
        typer.echo(_line(alert))


def _show_faults(faults: list[ExpectationsError]) -> None:
    for fault in faults:
        told = f"\n{fault}\n  until then: the last good lines count, else built-in ones"
        typer.echo(told, err=True)


def _show_waiting(waiting: list[dict[str, Any]]) -> None:
    for notice in waiting:
        why = notice["waits_for"] or notice["last_error"] or "not tried yet"
        typer.echo(
            f"  {notice['status']}: {notice['kind']} of {notice['fingerprint']} to "
            f"{notice['channel']}, {notice['attempts']} attempts: {why}"
        )


def _show_sent(
    report: SendReport, told: dict[str, int], waiting: list[dict[str, Any]], as_json: bool
) -> None:
    counts = {"sent": report.sent, "failed": report.failed, "dead": report.dead, **told}
    if as_json:
        print_json({**counts, "is_busy": report.is_busy, "unsent": waiting})
        return
    if report.is_busy:
        typer.echo("Another sender is at work; it sends what is due.")
    typer.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    _show_waiting(waiting)
