"""The life of one alert as pure functions: what an evaluation or a person makes of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from expectations.alerts.observation import Severity
from expectations.alerts.policy import Setting

State = Literal["pending", "open", "acknowledged", "snoozed", "resolved"]
Kind = Literal["opened", "reopened", "escalated", "repeated", "resolved", "acknowledged", "snoozed"]
# Of the hours until a repetition, 22 of 24: how many must have passed.
_PUNCTUALITY = 11 / 12
LIVING: tuple[State, ...] = ("open", "acknowledged", "snoozed")


@dataclass(frozen=True)
class Life:
    """Where an alert stands. Instants are UTC.

    bad_streak, good_streak: verdicts in a row, the newest included; *_before: without the newest,
    so that an evaluation that is repeated for its as_of corrects its verdict instead of adding one.
    counted_as_of: the as_of of the newest verdict. settled_as_of: a person has resolved the alert
    knowing this evaluation, so a repetition of it is not heard. told_*: severity, count and instant
    of the last thing that was told. first_bad_as_of: where the newest series of bad verdicts began.
    stale_since: the as_of from which on it could not be evaluated, None where it could.
    """

    state: State = "pending"
    bad_streak: int = 0
    good_streak: int = 0
    bad_before: int = 0
    good_before: int = 0
    transition_n: int = 0
    reopened_n: int = 0
    told_severity: Severity | None = None
    told_count: int = 0
    counted_as_of: datetime | None = None
    settled_as_of: datetime | None = None
    first_bad_as_of: datetime | None = None
    opened_as_of: datetime | None = None
    resolved_as_of: datetime | None = None
    stale_since: datetime | None = None
    told_at: datetime | None = None
    opened_at: datetime | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """What an evaluation says of the alert, and when. is_bad None: not evaluated."""

    is_bad: bool | None
    severity: Severity
    failed_count: int
    as_of: datetime
    now: datetime


def judge(life: Life, found: Finding, setting: Setting) -> tuple[Life, Kind | None]:
    """The life after an evaluation, and the transition that it made, if any.

    An evaluation older than the newest one that counted changes nothing.
    """
    if _is_too_old(life, found.as_of):
        return life, None
    if found.is_bad is None:
        return _without_verdict(life, found, setting)
    counted = _count(life, found.is_bad, found.as_of)
    if found.is_bad:
        return _after_bad(counted, found, setting)
    return _after_good(counted, found, setting)


def acknowledge(life: Life, now: datetime) -> Life:
    """Somebody works on it: no repeats. For an alert that is open, acknowledged or snoozed."""
    return _moved(replace(life, state="acknowledged", acknowledged_at=now, snoozed_until=None))


def snooze(life: Life, until: datetime) -> Life:
    """Silent until an instant. For an alert that is open, acknowledged or snoozed."""
    return _moved(replace(life, state="snoozed", snoozed_until=until))


def resolve_by_hand(life: Life, now: datetime) -> Life:
    """A person says that it is mended; the next evaluations that are bad open it again."""
    settled = replace(life, settled_as_of=life.counted_as_of, good_streak=0, good_before=0)
    return _resolved(replace(settled, bad_streak=0, bad_before=0), now, life.counted_as_of)


def _is_too_old(life: Life, as_of: datetime) -> bool:
    older = life.counted_as_of is not None and as_of < life.counted_as_of
    return older or (life.settled_as_of is not None and as_of <= life.settled_as_of)


def _count(life: Life, is_bad: bool, as_of: datetime) -> Life:
    """Add the verdict to its series; the same as_of again replaces the verdict."""
    if as_of != life.counted_as_of:
        life = replace(life, bad_before=life.bad_streak, good_before=life.good_streak)
    return replace(
        life,
        bad_streak=life.bad_before + 1 if is_bad else 0,
        good_streak=0 if is_bad else life.good_before + 1,
        counted_as_of=as_of,
        stale_since=None,
    )


def _after_bad(life: Life, found: Finding, setting: Setting) -> tuple[Life, Kind | None]:
    if life.state in LIVING:
        return _nag(life, found, setting)
    if life.bad_streak == 1:
        life = replace(life, first_bad_as_of=found.as_of)
    if life.bad_streak < setting.open_after:
        return replace(life, state="pending"), None
    is_again = life.opened_at is not None
    opened = replace(
        life,
        state="open",
        reopened_n=life.reopened_n + is_again,
        opened_at=found.now,
        opened_as_of=found.as_of,
        acknowledged_at=None,
        snoozed_until=None,
        resolved_at=None,
        resolved_as_of=None,
    )
    return _told(opened, found), "reopened" if is_again else "opened"


def _after_good(life: Life, found: Finding, setting: Setting) -> tuple[Life, Kind | None]:
    if life.state not in LIVING:
        return replace(life, state="resolved" if life.resolved_at else "pending"), None
    if life.good_streak >= setting.resolve_after:
        return _resolved(life, found.now, found.as_of), "resolved"
    return life, None


def _without_verdict(life: Life, found: Finding, setting: Setting) -> tuple[Life, Kind | None]:
    """Not evaluated is neither good nor bad: what was bad last counts as bad still."""
    if life.stale_since is None:
        life = replace(life, stale_since=found.as_of)
    if life.state in LIVING and life.good_streak == 0:
        return _nag(life, found, setting)
    return life, None


def _nag(life: Life, found: Finding, setting: Setting) -> tuple[Life, Kind | None]:
    """Tell an alert that lives on once more, if it is time to, or if it has become worse."""
    wakes = life.state == "snoozed"
    if wakes and life.snoozed_until is not None and found.now < life.snoozed_until:
        return life, None
    if wakes:
        life = replace(life, state="open", snoozed_until=None)
    if found.is_bad and _is_worse(life, found, setting):
        return _told(life, found), "escalated"
    if wakes or (life.state == "open" and _is_time(life, found.now, setting)):
        return _told(life, found), "repeated"
    return life, None


def _is_worse(life: Life, found: Finding, setting: Setting) -> bool:
    if found.severity == "error" and life.told_severity == "warn":
        return True
    if setting.escalation_growth is None or found.failed_count <= life.told_count:
        return False
    return found.failed_count >= life.told_count * (1 + setting.escalation_growth)


def _is_time(life: Life, now: datetime, setting: Setting) -> bool:
    """Warnings of a digest are repeated by the digest.

    A daily run that starts some minutes earlier than yesterday's repeats, too: it would be another
    day otherwise.
    """
    if setting.repeat_hours is None or setting.notify == "digest" or life.told_at is None:
        return False
    return now - life.told_at >= timedelta(hours=setting.repeat_hours) * _PUNCTUALITY


def _told(life: Life, found: Finding) -> Life:
    told = replace(life, told_at=found.now)
    if found.is_bad is not None:
        told = replace(told, told_severity=found.severity, told_count=found.failed_count)
    return _moved(told)


def _resolved(life: Life, now: datetime, as_of: datetime | None) -> Life:
    resolved = replace(life, state="resolved", resolved_at=now, resolved_as_of=as_of)
    return _moved(replace(resolved, snoozed_until=None))


def _moved(life: Life) -> Life:
    return replace(life, transition_n=life.transition_n + 1)
