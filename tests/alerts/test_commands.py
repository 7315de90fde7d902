"""The command line, as a person and as a script call it."""

import json
import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alert_book import CANARY, PROMPT, SEEN, seen
from receivers import Receiver, status
from typer.testing import CliRunner, Result

from expectations.alerts.book import open_book
from expectations.alerts.evaluation import evaluate
from expectations.alerts.instants import kept
from orchestration.alert_commands import app

ALERT = SEEN.fingerprint


class Command:
    """`pilotage alerts` on a company in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "acme"
        self.home = folder / "home"
        desk = self.folder / "desk"
        desk.mkdir(parents=True)
        (self.folder / "company.yml").write_text(
            "name: acme\nlabel: Acme\ndeliveries: exports\nsources: [invoicing]\n"
            "business_tz: Europe/Paris\nreporting_currency: EUR\nfiscal_year_start_month: 1\n"
        )
        (desk / "alert_settings.csv").write_text(
            "severity,open_after,resolve_after,repeat_hours,escalation_growth,flapping_changes,"
            "flapping_hours,notify\nerror,1,1,24,0.25,4,48,at_once\nwarn,1,1,,,,,digest\n"
        )
        (desk / "alert_routes.csv").write_text(
            "position,owner,severity,entity,channel\n1,*,*,*,pager\n"
        )

    @property
    def book(self) -> Path:
        return self.home / "acme" / "alerts.sqlite"

    def __call__(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(
            app,
            [*arguments, "--company", str(self.folder)],
            env={"PILOTAGE_HOME": str(self.home), "COLUMNS": "200", **environment},
        )

    def read(self, *arguments: str, **environment: str) -> dict:
        """The JSON that a command prints."""
        found: dict = json.loads(self(*arguments, "--json", **environment).stdout)
        return found

    def hear(self, *observations: object) -> None:
        """An evaluation that ends now."""
        now = datetime.now(UTC)
        with open_book(self.book) as book:
            evaluate(book, observations, as_of=now, now=now, policy=PROMPT)  # type: ignore[arg-type]


@pytest.fixture
def alerts(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_help_names_every_command(alerts: Command) -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    for name in ("list", "show", "ack", "snooze", "resolve", "send", "digest"):
        assert name in shown.stdout
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_an_empty_book_is_listed(alerts: Command) -> None:
    shown = alerts("list")
    assert (shown.exit_code, shown.stdout) == (0, "No alert.\n")


def test_open_alerts_are_listed_with_the_notices_that_wait(alerts: Command) -> None:
    alerts.hear(seen(), seen(rule="other", severity="warn"))
    shown = alerts("list")
    assert shown.exit_code == 0
    assert f"{ALERT}  open         error sales_ops" in shown.stdout
    assert "2 alerts" in shown.stdout
    assert f"pending: opened of {ALERT} to pager, 0 attempts: not tried yet" in shown.stdout
    read = alerts.read("list")
    assert [alert["severity"] for alert in read["alerts"]] == ["error", "warn"]
    assert len(read["unsent"]) == 1


def test_an_alert_is_shown_with_its_rows_and_history(alerts: Command) -> None:
    alerts.hear(seen())
    alerts("ack", ALERT, "--by", "ada", "--note", "calling the team")
    shown = alerts("show", ALERT[:5])
    assert shown.exit_code == 0
    assert SEEN.rows_query in shown.stdout
    assert "▁▂·▃▄▅▆█" in shown.stdout
    assert "ada acknowledged: calling the team" in shown.stdout
    read = alerts.read("show", ALERT)
    assert [step["kind"] for step in read["transitions"]] == ["opened", "acknowledged"]
    assert read["decisions"][0]["note"] == "calling the team"


def test_the_decider_is_the_login_name_unless_given(
    alerts: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    alerts.hear(seen())
    assert alerts.read("ack", ALERT)["state"] == "acknowledged"
    assert alerts.read("show", ALERT)["decisions"][0]["decided_by"] == "grace"


def test_a_snooze_ends_with_its_last_local_day(alerts: Command) -> None:
    alerts.hear(seen())
    last = (datetime.now(UTC) + timedelta(days=40)).date()
    midnight = datetime.combine(last + timedelta(days=1), time(), ZoneInfo("Europe/Paris"))
    read = alerts.read("snooze", ALERT, "--until", last.isoformat())
    assert read["state"] == "snoozed"
    assert datetime.fromisoformat(read["snoozed_until"]) == midnight
    before = datetime.now(UTC) + timedelta(days=3)
    until = datetime.fromisoformat(alerts.read("snooze", ALERT, "--days", "3")["snoozed_until"])
    assert before - timedelta(seconds=1) <= until <= datetime.now(UTC) + timedelta(days=3)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("snooze", ALERT), "needs an end"),
        (("snooze", ALERT, "--days", "1", "--until", "2999-01-01"), "has two ends"),
        (("snooze", ALERT, "--until", "9999-12-31"), "more than a year"),
        (("snooze", ALERT, "--until", "31.1.2999"), "is no day"),
        (("snooze", ALERT, "--until", "2020-01-01"), "has passed"),
        (("ack", "ffff"), "No alerts have an id"),
        (("ack", "x"), "too short"),
        (("show", "ffff"), "No alerts have an id"),
    ],
)
def test_bad_input_is_told_and_exits_2(
    alerts: Command, arguments: tuple[str, ...], complaint: str
) -> None:
    alerts.hear(seen())
    shown = alerts(*arguments)
    assert shown.exit_code == 2
    assert complaint in shown.stderr
    assert "what to do:" in shown.stderr


def test_an_unknown_company_exits_2(alerts: Command) -> None:
    shown = CliRunner().invoke(app, ["list", "--company", "nobody"])
    assert shown.exit_code == 2


def test_resolved_by_hand_is_told(alerts: Command, receiver: Receiver) -> None:
    alerts.hear(seen())
    assert alerts.read("resolve", ALERT, "--by", "ada", "--note", "mended")["state"] == "resolved"
    assert alerts.read("list")["alerts"] == []
    assert len(alerts.read("list", "--all")["alerts"]) == 1
    address = receiver.url.replace("http", "webhook+http")
    assert alerts.read("send", PILOTAGE_CHANNEL_PAGER=address)["sent"] == 2
    told = json.loads(receiver.posts[-1].body)
    assert (told["kind"], told["note"]) == ("resolved", "resolved by ada: mended")
    assert told["company"] == "Acme"


def test_send_exits_1_while_something_is_stuck_and_names_the_variable(
    alerts: Command, receiver: Receiver
) -> None:
    alerts.hear(seen())
    stuck = alerts("send")
    assert stuck.exit_code == 1
    assert "PILOTAGE_CHANNEL_PAGER" in stuck.stdout
    assert "PILOTAGE_CHANNEL_PAGER" in alerts("list").stdout
    address = f"webhook+{receiver.url}/{CANARY}"
    done = alerts("send", PILOTAGE_CHANNEL_PAGER=address)
    assert done.exit_code == 0
    assert done.stdout.startswith("1 sent, 0 failed, 0 dead")


def test_dead_letters_are_shown_and_sent_on_request(alerts: Command, receiver: Receiver) -> None:
    alerts.hear(seen())
    address = f"webhook+{receiver.url}/{CANARY}"
    receiver.answer = status(403)
    dead = alerts("send", PILOTAGE_CHANNEL_PAGER=address)
    assert dead.exit_code == 1
    assert "dead: opened" in dead.stdout
    assert "answered 403: refused" in alerts("list").stdout
    receiver.answer = None
    again = alerts("send", PILOTAGE_CHANNEL_PAGER=address)
    assert again.exit_code == 1
    assert "answered 403: refused" in again.stdout
    mended = alerts("send", "--dead", PILOTAGE_CHANNEL_PAGER=address)
    assert mended.exit_code == 0
    assert "1 queued again" in mended.stdout
    for shown in (dead, again, mended):
        assert CANARY not in shown.output


def test_a_trouble_that_passes_is_no_failure_of_send(alerts: Command, receiver: Receiver) -> None:
    alerts.hear(seen())
    receiver.answer = status(500)
    shown = alerts("send", PILOTAGE_CHANNEL_PAGER=f"webhook+{receiver.url}/")
    assert shown.exit_code == 0
    assert "1 attempts: answered 500" in shown.stdout


def test_warnings_go_out_by_the_digest(alerts: Command, receiver: Receiver) -> None:
    alerts.hear(seen(severity="warn"))
    assert alerts.read("digest") == {"written": 1}
    assert alerts("digest").exit_code == 0
    address = f"webhook+{receiver.url}/"
    assert alerts.read("send", PILOTAGE_CHANNEL_PAGER=address)["sent"] == 1
    assert json.loads(receiver.posts[0].body)["kind"] == "digest"


def test_send_notices_a_missed_run(alerts: Command, receiver: Receiver) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    with open_book(alerts.book) as book:
        evaluate(book, [], as_of=long_ago, now=long_ago, policy=PROMPT)
    address = f"webhook+{receiver.url}/"
    assert (
        alerts.read("send", "--longest-silence", "40", PILOTAGE_CHANNEL_PAGER=address)["sent"] == 0
    )
    assert alerts.read("send", PILOTAGE_CHANNEL_PAGER=address)["sent"] == 1
    assert json.loads(receiver.posts[0].body)["rule"] == "missed_run"


def spoil(alerts: Command, file: str, old: str, new: str) -> None:
    path = alerts.folder / "desk" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("alert_routes.csv", "1,*,*,*", "1,ops,*,*", "alert_routes.csv, line 2"),
        ("alert_routes.csv", "1,*", "x,*", "alert_routes.csv, line 2, column position"),
        ("alert_settings.csv", "error,1", "error,0", "line 2, column open_after"),
        ("alert_settings.csv", "warn,1", "warning,1", "line 3, column severity"),
        ("alert_settings.csv", "error,1,1,", "error,1,", "alert_settings.csv, line 2"),
        ("alert_settings.csv", "notify", "notifies", "alert_settings.csv, line 1"),
    ],
)
def test_a_wrong_line_of_the_desk_is_told_and_notices_go_out(
    alerts: Command, receiver: Receiver, file: str, old: str, new: str, place: str
) -> None:
    alerts.hear(seen())
    spoil(alerts, file, old, new)
    shown = alerts("send", PILOTAGE_CHANNEL_PAGER=f"webhook+{receiver.url}/")
    assert shown.exit_code == 2
    assert shown.stdout.startswith("1 sent")
    assert place in shown.stderr
    assert len(receiver.posts) == 1
    assert alerts("digest").exit_code == 2


def test_the_last_good_lines_stand_in_for_wrong_ones(alerts: Command, receiver: Receiver) -> None:
    """A missed run goes where the routes led before, and warnings are told as they were."""
    shutil.copytree(alerts.folder / "desk", alerts.home / "acme/run_desk")
    spoil(alerts, "alert_routes.csv", ",pager", ",PAGER")
    spoil(alerts, "alert_settings.csv", "warn,1,1,,,,,digest", "warn,1,1,,,,,soon")
    alerts.hear(seen(severity="warn"))
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    with open_book(alerts.book) as book:
        book.connection.execute("update evaluations set last_at = ?", (kept(long_ago),))
    assert alerts.read("digest") == {"written": 1}
    assert alerts.read("send", PILOTAGE_CHANNEL_PAGER=f"webhook+{receiver.url}/")["sent"] == 2
    assert {json.loads(post.body)["kind"] for post in receiver.posts} == {"digest", "opened"}
