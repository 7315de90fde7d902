"""Random lives of an alert against an independent model that keeps whole histories."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile

from alert_book import ERROR, at
from hypothesis import given, note, settings
from hypothesis import strategies as st

from expectations.alerts import lifecycle
from expectations.alerts.lifecycle import LIVING, Finding, Life, judge

verdicts = st.sampled_from([True, True, False, None])
evaluations = st.tuples(
    st.just("judge"),
    st.sampled_from([1, 1, 1, 2, 0, -1]),  # as_of moves by so many hours
    verdicts,
    st.sampled_from(["error", "warn"]),
    st.integers(0, 20),
)
decisions = st.tuples(st.sampled_from(["acknowledged", "snoozed", "resolved"]), st.integers(1, 60))
steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 7, 24]), st.one_of(evaluations, evaluations, decisions)),
    min_size=1,
    max_size=60,
)
rules = st.builds(
    replace,
    st.just(ERROR),
    open_after=st.integers(1, 3),
    resolve_after=st.integers(1, 3),
    repeat_hours=st.sampled_from([None, 1, 24]),
    escalation_growth=st.sampled_from([None, Decimal("0.25"), Decimal(1)]),
)


@dataclass
class Model:
    """Remembers every verdict by its as_of and derives the rest anew at each step."""

    rule: object
    heard: dict = field(default_factory=dict)  # as_of -> verdict, since the last hand resolution
    settled: int = -(10**9)
    spell: str | None = None  # None: not open
    silent_until: int = 0
    told: tuple = ()  # severity, count, hour
    openings: int = 0
    story: list = field(default_factory=list)

    def in_a_row(self, wanted: bool) -> int:
        newest_first = [self.heard[key] for key in sorted(self.heard, reverse=True)]
        return len(list(takewhile(lambda verdict: verdict == wanted, newest_first)))

    def judge(self, now: int, as_of: int, bad: bool | None, severity: str, count: int) -> None:
        if as_of <= self.settled or as_of < max(self.heard, default=-(10**9)):
            return
        if bad is not None:
            self.heard[as_of] = bad
        if self.spell is None:
            if bad and self.in_a_row(True) >= self.rule.open_after:
                self.spell, self.openings = "open", self.openings + 1
                self.tell("opened" if self.openings == 1 else "reopened", severity, count, now)
        elif bad is False:
            if self.in_a_row(False) >= self.rule.resolve_after:
                self.spell = None
                self.story.append("resolved")
        elif self.in_a_row(False) == 0:
            self.still_bad(now, bad, severity, count)

    def still_bad(self, now: int, bad: bool | None, severity: str, count: int) -> None:
        woken = self.spell == "snoozed" and now >= self.silent_until
        if self.spell == "snoozed" and not woken:
            return
        self.spell = "open" if woken else self.spell
        old_severity, old_count, old_hour = self.told
        growth, repeat = self.rule.escalation_growth, self.rule.repeat_hours
        grown = (
            growth is not None and count > old_count and (count - old_count) >= old_count * growth
        )
        late = repeat is not None and self.spell == "open" and now >= old_hour + repeat * 11 / 12
        if bad and (grown or (old_severity, severity) == ("warn", "error")):
            self.tell("escalated", severity, count, now)
        elif woken or late:
            if bad is None:
                severity, count = old_severity, old_count
            self.tell("repeated", severity, count, now)

    def tell(self, kind: str, severity: str, count: int, now: int) -> None:
        self.told = (severity, count, now)
        self.story.append(kind)

    def decide(self, kind: str, now: int, hours: int) -> None:
        if self.spell is None:
            return
        self.story.append(kind)
        self.spell = None if kind == "resolved" else kind
        self.silent_until = now + hours
        if kind == "resolved":
            self.settled, self.heard = max(self.heard), {}


@settings(max_examples=400, deadline=None, print_blob=True)
@given(rules, steps)
def test_a_life_agrees_with_the_model(rule: object, script: list) -> None:
    model, life, story = Model(rule), Life(), []
    now = as_of = 0
    for hours, (what, *details) in script:
        now += hours
        if what == "judge":
            moved, bad, severity, count = details
            as_of += moved
            finding = Finding(bad, severity, count, at(as_of), at(now))
            life, kind = judge(life, finding, rule)
            story += [kind] if kind else []
            model.judge(now, as_of, bad, severity, count)
        else:
            if life.state in LIVING:
                life = decided(life, what, now, details[0])
                story.append(what)
            model.decide(what, now, details[0])
        note(f"{now} h, as of {as_of}: {what} {details} -> {life.state}")
        assert story == model.story
        assert (life.state in LIVING) == (model.spell is not None)
        assert life.transition_n == len(story)
    assert life.reopened_n == story.count("reopened")


def decided(life: Life, what: str, now: int, hours: int) -> Life:
    """What a person does to the life."""
    if what == "acknowledged":
        return lifecycle.acknowledge(life, at(now))
    if what == "snoozed":
        return lifecycle.snooze(life, at(now) + timedelta(hours=hours))
    return lifecycle.resolve_by_hand(life, at(now))


@given(st.lists(verdicts, max_size=40), rules)
def test_openings_and_resolutions_alternate(given_verdicts: list, rule: object) -> None:
    life, changes = Life(), []
    for hour, bad in enumerate(given_verdicts):
        life, kind = judge(life, Finding(bad, "error", 1, at(hour), at(hour)), rule)
        if kind in ("opened", "reopened", "resolved"):
            changes.append(kind)
            assert bad is not None, "moved without an evaluation"
    assert (
        changes[0::2] == ["opened", *["reopened"] * (len(changes[0::2]) - 1)][: len(changes[0::2])]
    )
    assert set(changes[1::2]) <= {"resolved"}
