"""One evaluation: every alert moved through its life, every notice written, in one transaction."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from expectations.alerts.book import Book
from expectations.alerts.documents import Source, tidy
from expectations.alerts.entries import Alert, all_alerts, save_alert, save_transition
from expectations.alerts.instants import kept, read_kept, stamp, utc
from expectations.alerts.lifecycle import LIVING, Finding, Kind, Life, judge
from expectations.alerts.notices import Story, hearers, with_channels, write_notices
from expectations.alerts.observation import Observation
from expectations.alerts.past import keep_past
from expectations.alerts.policy import Policy, Setting
from expectations.errors import ExpectationsError

# Families that stand apart from evaluations: their clock is the wall's, one verdict decides.
APART = ("run", "heartbeat")
_CHANGES = ("opened", "reopened", "resolved")
# A day is judged before it ends, somewhere on earth; one that is farther off is a what-if.
_FARTHEST = timedelta(days=2)


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation did. `moved` counts the transitions by kind.

    is_ignored: it has changed nothing, as `message` says: it is older than the newest one, or of a
    day that has not come.
    """

    as_of: datetime
    moved: Mapping[str, int]
    notices: int
    is_ignored: bool = False
    message: str = ""


def evaluate(
    book: Book,
    observations: Iterable[Observation],
    *,
    as_of: datetime,
    now: datetime,
    policy: Policy,
    run_link: str = "",
    desk_rules: Mapping[str, Collection[str]] | None = None,
) -> Evaluation:
    """Hear the observations of the evaluation that is named by its as_of instant (UTC, exclusive).

    desk_rules: family -> the rules that the desk has; an alert about another one of these families
    was withdrawn by whoever deleted the line, which counts as good.
    The same as_of again corrects verdicts and details, and counts no second time. An older one than
    the newest changes nothing, nor does a day that is yet to come: all that follow until then would
    be older. An alert that lives but is not observed counts as not evaluated.
    The families run and heartbeat do not belong here but to `tell`: their clock is another.
    Raises ExpectationsError where one alert is observed twice, BookError where the book fails.
    """
    as_of, now = utc(as_of), utc(now)
    found = _by_fingerprint(observations)
    source = Source(policy.company, book.book_id, run_link)
    if as_of > now + _FARTHEST:
        return _ignored(as_of, "that day has not come")
    with book.transaction():
        newest = _newest_as_of(book)
        if newest is not None and as_of < newest:
            return _ignored(as_of, f"one as of {stamp(newest)} has been heard already")
        book.connection.execute(
            "insert into evaluations values (?, ?, ?, ?) on conflict (as_of)"
            " do update set last_at = excluded.last_at, observed = excluded.observed",
            (kept(as_of), kept(now), kept(now), len(found)),
        )
        alerts = all_alerts(book)
        shapes = {_shape(seen) for seen in found.values()}
        silent = [
            replace(alert.seen, is_bad=_unobserved(alert.seen, shapes, desk_rules or {}))
            for key, alert in alerts.items()
            if key not in found and alert.life.state in LIVING and alert.seen.family not in APART
        ]
        hearing = _Hearing(book, alerts, policy, source, as_of, now)
        done = hearing.hear([*found.values(), *silent])
        keep_past(book, as_of)
        return done


def tell(
    book: Book,
    observations: Iterable[Observation],
    *,
    now: datetime,
    policy: Policy,
    run_link: str = "",
) -> Evaluation:
    """Hear observations that belong to no evaluation: a run that failed or ended, a heartbeat.

    They are judged at `now`; one verdict opens and one resolves, whatever the settings say.
    """
    now = utc(now)
    found = _by_fingerprint(observations)
    at_once = {
        severity: replace(setting, open_after=1, resolve_after=1)
        for severity, setting in policy.settings.items()
    }
    source = Source(policy.company, book.book_id, run_link)
    with book.transaction():
        alerts = all_alerts(book)
        prompt = replace(policy, settings=at_once)
        return _Hearing(book, alerts, prompt, source, now, now).hear(list(found.values()))


@dataclass(frozen=True)
class _Hearing:
    """What all observations of one call share."""

    book: Book
    alerts: Mapping[str, Alert]
    policy: Policy
    source: Source
    as_of: datetime
    now: datetime

    def hear(self, observations: Sequence[Observation]) -> Evaluation:
        moved: Counter[str] = Counter()
        notices = 0
        for seen in observations:
            kind, written = self._hear_one(seen)
            notices += written
            if kind:
                moved[kind] += 1
        return Evaluation(self.as_of, dict(moved), notices)

    def _hear_one(self, seen: Observation) -> tuple[Kind | None, int]:
        known = self.alerts.get(seen.fingerprint)
        if known is None and not seen.is_bad:
            return None, 0
        before = known or Alert(seen, Life())
        if not seen.is_bad:
            # Where nothing bad was found, or nothing judged, it is as grave as it was last.
            seen = replace(seen, severity=before.seen.severity)
        setting = _setting(self.policy, seen)
        if _is_settled(seen, before.life):
            seen = replace(seen, is_bad=False)
        finding = Finding(seen.is_bad, seen.severity, seen.failed_count, self.as_of, self.now)
        life, kind = judge(before.life, finding, setting)
        is_heard = life.counted_as_of == self.as_of and seen.is_bad is not None
        alert = Alert(seen if is_heard else before.seen, life, before.channels)
        alert = replace(alert, is_flapping=self._is_flapping(alert, kind, setting))
        if kind is None:
            save_alert(self.book, alert)
            return None, 0
        told = None if kind in ("opened", "reopened") else before.life.told_severity
        alert = with_channels(alert, kind, self.policy, told)
        save_alert(self.book, alert)
        save_transition(self.book, alert, kind, self.now, self.as_of)
        story = Story(self.source, self.now, self.as_of, told)
        channels = hearers(alert, kind, self.policy)
        return kind, write_notices(self.book, alert, kind, channels, story)

    def _is_flapping(self, alert: Alert, kind: Kind | None, setting: Setting) -> bool:
        """Whether it opened and closed too often within the window that ends now."""
        if setting.flapping_changes is None:
            return False
        since = kept(self.now - timedelta(hours=setting.flapping_hours))
        marks = ", ".join("?" for _ in _CHANGES)
        changes = self.book.connection.execute(
            f"select count(*) from transitions where fingerprint = ? and kind in ({marks})"
            " and moved_at > ?",
            (alert.fingerprint, *_CHANGES, since),
        ).fetchone()[0]
        return int(changes) + (kind in _CHANGES) >= setting.flapping_changes


def _setting(policy: Policy, seen: Observation) -> Setting:
    """How the alert behaves; the next evaluation would no longer see an event happen."""
    setting = policy.settings[seen.severity]
    return setting if seen.happened_at is None else replace(setting, open_after=1, resolve_after=1)


def _is_settled(seen: Observation, life: Life) -> bool:
    """Whether it is an event that a person knew of who has resolved the alert."""
    if seen.happened_at is None or life.settled_as_of is None:
        return False
    return seen.happened_at < life.settled_as_of


def _unobserved(
    seen: Observation, shapes: Set[tuple[str, ...]], desk_rules: Mapping[str, Collection[str]]
) -> bool | None:
    """The verdict on what nobody observed: none, or good where the desk asks it no more.

    That is so where the rule is not on the desk, or now asks of another entity or field, or of
    other scopes (of teams instead of the company, say).
    """
    if seen.family not in desk_rules:
        return None
    is_asked_otherwise = _shape(seen) not in shapes and any(
        shape[:2] == (seen.family, seen.rule) for shape in shapes
    )
    is_withdrawn = seen.rule not in desk_rules[seen.family] or is_asked_otherwise
    return False if is_withdrawn else None


def _shape(seen: Observation) -> tuple[str, ...]:
    """What a rule asks, without the member it asks of."""
    kind = seen.scope.partition(":")[0]
    return seen.family, seen.rule, seen.entity, seen.field, kind


def _by_fingerprint(observations: Iterable[Observation]) -> dict[str, Observation]:
    found: dict[str, Observation] = {}
    for seen in map(tidy, observations):
        if seen.fingerprint in found:
            raise ExpectationsError(
                f"The rule {seen.rule!r} was judged twice in one evaluation.",
                f"{seen.entity}.{seen.field}, {seen.scope}",
                "Give each rule of the desk an id of its own.",
            )
        found[seen.fingerprint] = seen
    return found


def _newest_as_of(book: Book) -> datetime | None:
    rows = book.rows("select max(as_of) as as_of from evaluations")
    return read_kept(rows[0]["as_of"])


def _ignored(as_of: datetime, why: str) -> Evaluation:
    told = f"The evaluation as of {stamp(as_of)} changes no alert: {why}."
    return Evaluation(as_of, {}, 0, is_ignored=True, message=told)
