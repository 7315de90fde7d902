"""Random companies for hypothesis: deals and accounts with their pasts, rules, waivers.

Instants fall on few times of day, most of them at somebody's midnight. What the exports bring and
what the reference model is told are two views of one life.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from tests.pipeline.area import Settings
from tests.pipeline.crm import Change, Deal, Row, deal, lake
from tests.quality.desk import Rule, Waiver
from tests.quality.records import Record, landed
from tests.quality.reference import Judge, Life, State

FIRST_DAY, DAYS = date(2025, 3, 20), 30  # the clocks change on the way
TIMES = [time(0), time(4), time(4, 0, 1), time(9), time(22), time(22, 59, 59), time(23)]
LOADS = [
    datetime.combine(FIRST_DAY + timedelta(days=days), time(20)) for days in (3, 9, 16, 23, DAYS)
]
# Who was told to be in which team by which load; ann changes hers in mid period.
TEAMS = {"ann": [(LOADS[0], "North"), (LOADS[2], "South")], "bob": [(LOADS[0], "South")]}
STAGES = ["qualification", "discovery", "proposal", "negotiation", "closed_won", "closed_lost"]
TEXTS = ["call back", "call", "n/a", " N/A ", "0.0", "-", None, "red", "RED ", "7", "12.5", "ok"]
AMOUNTS = ["0.00", "1.00", "7.00", "12.50", "-3.00", None]
FIELDS = {"next_step": TEXTS, "decision_maker": TEXTS, "amount": AMOUNTS}
CONFORMED = {"amount": "amount_doc", "close_date": "expected_close_date"}


@dataclass(frozen=True)
class Company:
    """Deals and accounts, the rules on them, and the place of the run."""

    deals: Sequence[Deal] = field(repr=False)
    accounts: Sequence[Record] = field(repr=False)
    rules: Sequence[Rule] = field(repr=False)
    waivers: Sequence[Waiver] = field(repr=False)
    run: Settings

    def lake(self) -> dict[str, list[Row]]:
        """What its CRM delivers; deals bring accounts of their own."""
        tables = lake(self.deals, LOADS)
        reps = [
            {"id": rep, "team": team, "_key": rep, "_extracted_at": str(load)}
            for rep, told in TEAMS.items()
            for load, team in told
        ]
        stamp = {"_op": "upsert", "_row_number": 1}
        return {
            **tables,
            "accounts": landed(self.accounts).get("accounts", []),
            "reps": [{**rep, **stamp} for rep in reps],
        }

    @property
    def judge(self) -> Judge:
        """The reference model's view of the desk."""
        return Judge(self.rules, self.waivers, TEAMS, self.run.business_tz)

    @property
    def lives(self) -> list[Life]:
        """The reference model's view of the records that were created by then."""
        delivered = [
            one
            for one in self.deals
            if any(load >= one.created_at and not one.is_gone(load) for load in LOADS)
        ]
        told = [deal_life(one) for one in delivered]
        told += [account_life(one) for one in self.accounts if one.shown]
        return [life for life in told if life.states[0].since < self.run.as_of_at]


def deal_life(one: Deal) -> Life:
    """What the change log tells, and from which exports the deal is missing."""
    instants = {one.created_at, *(max(c.at, one.created_at) for c in one.changes)}
    if one.gone:
        seen = [load for load in LOADS if load >= one.created_at]
        instants |= {load for load in seen if load >= one.gone[0]}
    states = []
    for at in sorted(instants):
        values = dict(one.born_with)
        for _, change in one.in_order():
            if max(change.at, one.created_at) <= at:
                values[change.field] = change.value
        # Nobody misses a deal that was never delivered.
        exports = [load for load in LOADS if load >= one.created_at]
        first = min(load for load in exports if not one.is_gone(load))
        vanished = at >= first and one.is_gone(max(load for load in exports if load <= at))
        conformed = {CONFORMED.get(name, name): value for name, value in values.items()}
        states.append(
            State(
                *(at, conformed, values["owner_id"], values["stage"], values["record_type"]),
                gone=values["is_deleted"] == "true" or bool(values["merged_into_id"]) or vanished,
            )
        )
    return Life("opportunities", one.deal_id, states)


def account_life(record: Record) -> Life:
    """The first export's word holds since creation, a later one's since it came."""
    states: list[State] = []
    for load, values in record.shown:
        since = load if states else min(record.born_at, load)
        if values is None:
            states.append(replace(states[-1], since=since, gone=True))
        else:
            states.append(State(since, dict(values), values["owner_id"]))
    return Life("accounts", record.record_id, states)


def instants() -> st.SearchStrategy[datetime]:
    """Instants between the first day and the last load but one."""
    return st.builds(
        lambda days, at: datetime.combine(FIRST_DAY + timedelta(days=days), at),
        st.integers(0, DAYS - 1),
        st.sampled_from(TIMES),
    )


def days() -> st.SearchStrategy[date | None]:
    """No day, or one of the period and a little around it."""
    some = st.integers(-3, DAYS + 8).map(lambda n: FIRST_DAY + timedelta(days=n))
    return st.one_of(st.none(), some)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    name = draw(st.sampled_from([*FIELDS, *FIELDS, "stage", "stage", "owner_id", "is_deleted"]))
    choices: dict[str, list[str | None]] = {
        **FIELDS,
        "stage": [*STAGES],
        "owner_id": ["ann", "bob", None],
        "is_deleted": ["true", "false", "false"],
    }
    return Change(draw(instants()), name, draw(st.sampled_from(choices[name])))


@st.composite
def deals(draw: st.DrawFn, number: int) -> Deal:
    created = draw(instants())
    told = draw(st.lists(changes(), max_size=8))
    gone = None
    if draw(st.integers(0, 5)) == 5:
        since = draw(instants())
        back = since + timedelta(days=8)
        gone = (str(since), draw(st.sampled_from([None, str(back)])))
        # Whether a log may undelete what is no longer delivered is not defined.
        told = [one for one in told if one.field != "is_deleted"]
    return deal(
        f"deal-{number}",
        str(created),
        *told,
        gone=gone,
        owner_id=draw(st.sampled_from(["ann", "bob"])),
        record_type=draw(st.sampled_from(["volume", "key_account", None])),
        **{name: draw(st.sampled_from(values)) for name, values in FIELDS.items()},
    )


@st.composite
def accounts(draw: st.DrawFn, number: int) -> Record:
    born = draw(instants())
    shown: list[tuple[datetime, dict[str, str | None] | None]] = []
    for load in [load for load in LOADS if load >= born]:
        values = {
            "owner_id": draw(st.sampled_from(["ann", "bob", None])),
            "industry": draw(st.sampled_from(TEXTS)),
            "country": draw(st.sampled_from(TEXTS)),
            "created_at": str(born),
        }
        # It must be seen once before it can vanish.
        shown.append((load, None if shown and draw(st.integers(0, 4)) == 0 else values))
    return Record("accounts", f"account-{number}", born, shown)


@st.composite
def rules(draw: st.DrawFn, number: int, entity: str, name: str) -> Rule:
    since = draw(days())
    until = draw(days())
    rule = Rule(
        *(f"rule-{number}", entity, name),
        since=since,
        until=max(since, until) if since and until else until,
        grace_days=draw(st.sampled_from([0, 0, 1, 5])),
        weight=draw(st.integers(1, 3)),
        severity=draw(st.sampled_from(["error", "warn"])),
    )
    if entity == "opportunities":
        stage = st.sampled_from([None, None, None, "discovery", "negotiation"])
        rule = replace(
            rule,
            record_types=draw(st.sampled_from([None, None, "volume", "volume|key_account"])),
            required_from=draw(stage),
        )
        if rule.required_from is None:
            inside = st.sampled_from([None, "discovery", "proposal|negotiation", "closed_lost"])
            rule = replace(rule, required_in=draw(inside))
    if name == "amount_doc":
        limits = st.sampled_from([None, "1", "7"])
        return replace(rule, min_value=draw(limits), max_value=draw(st.sampled_from([None, "10"])))
    value_rules: list[dict[str, str | int]] = [
        {},
        {"min_length": 4},
        {"allowed_values": "red|7|Call Back"},
        {"pattern": "[a-z ]+"},
        {"min_length": 3, "pattern": "[a-z0-9. ]+"},
    ]
    if name == "next_step":
        compared = {"comparison": draw(st.sampled_from(["=", "<>", "<", ">="]))}
        value_rules.append({**compared, "compared_with": "decision_maker"})
    return replace(rule, **draw(st.sampled_from(value_rules)))  # type: ignore[arg-type]


@st.composite
def waivers(draw: st.DrawFn, number: int, rule_ids: Sequence[str]) -> Waiver:
    members: dict[str, list[str | None]] = {
        "company": [None],
        "rep": ["ann", "bob"],
        "team": ["North", "South"],
        "record": ["deal-0", "account-0"],
        "record_type": ["volume"],
    }
    scope = draw(st.sampled_from([*members, "company", "company", "record_type"]))
    since = draw(days())
    until = draw(days()) or FIRST_DAY + timedelta(days=10)
    return Waiver(
        *(f"waiver-{number}", draw(st.sampled_from(list(rule_ids))), scope),
        draw(st.sampled_from(members[scope])),
        since,
        max(since, until) if since else until,
    )


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """A few deals and accounts under some rules, seen from a day within or after the period."""
    ruled = [
        *(("opportunities", name) for name in ("next_step", "decision_maker", "amount_doc")),
        *(("accounts", name) for name in ("industry", "country")),
    ]
    told = [draw(rules(n, entity, name)) for n, (entity, name) in enumerate(ruled)]
    ids = [rule.rule_id for rule in told]
    count = draw(st.integers(1, 12))
    return Company(
        [draw(deals(number)) for number in range(count)],
        [draw(accounts(number)) for number in range(count)],
        told,
        [draw(waivers(number, ids)) for number in range(draw(st.sampled_from([0, 3, 6])))],
        Settings(
            FIRST_DAY + timedelta(days=DAYS + draw(st.integers(0, 3))),
            draw(st.sampled_from(["Europe/Paris", "America/New_York", "UTC"])),
        ),
    )
