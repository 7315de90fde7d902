"""The records of a ruled entity with the class of every ruled field, as SQL."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from expectations.desk.mandatory_fields import STAGED, MandatoryField
from expectations.desk.waivers import Waiver
from expectations.entities import RULED, SCHEMA, alive, key_of, table_of
from expectations.field_classes import class_of, text_columns
from expectations.histories import asked_of, births_query, deals_query, reached_columns
from expectations.rule_book import RuleBook
from expectations.sql import identifier, instant_literal, record_id, text_list, text_literal

_OWN = ("record_id", "rep_id", "record_type", "born_at")


def classed_query(
    entity: str, book: RuleBook, names: Mapping[str, str], types: Mapping[str, str]
) -> str:
    """A select of record_id and, per rule, the class of its field: NULL where it is not due.

    names: rule_id -> column, for the rules of the entity that are in force. types: column -> data
    type of the conformed table.
    """
    rules = [rule for rule in book.of(entity) if rule.rule_id in names]
    waivers = {rule.rule_id: book.waivers_of(rule) for rule in rules}
    classes = [_class(rule, book, types, identifier(names[rule.rule_id])) for rule in rules]
    judged = [_with_waivers(identifier(names[id_]), waivers[id_]) for id_ in names]
    scopes = {waiver.scope for each in waivers.values() for waiver in each}
    columns = ["record_id", "rep_id", "record_type", *classes]
    classed = (
        f"select {', '.join(columns)} from ({_records(entity, book, rules, types)}) as records"
    )
    return (
        f"select {', '.join(['record_id', *judged])} from ({classed}) as classed"
        f"{_TEAMS if 'team' in scopes else ''}"
    )


# The team that each rep was told to be in last: who has left stays in the last one.
_TEAMS = (
    f" left outer join (select rep_id as member_id, team from {SCHEMA}.int_reps_loaded"
    " where not is_vanished"
    " qualify row_number() over (partition by rep_id order by known_at desc, load_no desc) = 1"
    ") as members on classed.rep_id = members.member_id"
)


def _with_waivers(column: str, waivers: Sequence[Waiver]) -> str:
    if not waivers:
        return column
    holds = " or ".join(map(_holds, waivers))
    return (
        f"case when {column} <> 'filled' and ({holds}) then 'waived' else {column} end as {column}"
    )


def _holds(waiver: Waiver) -> str:
    if waiver.scope == "company":
        return "true"
    columns = {"team": "team", "rep": "rep_id", "record": "record_id"}
    column = columns.get(waiver.scope, "record_type")
    return f"coalesce({column} = {text_literal(waiver.member)}, false)"


def _class(rule: MandatoryField, book: RuleBook, types: Mapping[str, str], name: str) -> str:
    classed = class_of(rule, types, book.placeholders, book.time_zone)
    due = " and ".join(_due(rule, book))
    return f"case when {due} then {classed} end as {name}" if due else f"{classed} as {name}"


def _due(rule: MandatoryField, book: RuleBook) -> list[str]:
    """Conditions: the rule binds the record, and its grace is over before the instant judged."""
    conditions = []
    if rule.record_types:
        conditions.append(f"record_type in {text_list(rule.record_types)}")
    reached_before = instant_literal(book.as_of_at - timedelta(days=rule.grace_days))
    asked = asked_of(rule)
    if asked:
        reached = reached_columns(book.of(rule.entity))[asked]
        conditions.append(f"{reached} < {reached_before}")
    elif rule.grace_days:
        conditions.append(f"born_at < {reached_before}")
    return conditions


def _records(
    entity: str, book: RuleBook, rules: Sequence[MandatoryField], types: Mapping[str, str]
) -> str:
    """The living records with all that the classes read."""
    key = record_id(key_of(entity, list(types)))
    type_column = RULED[entity].type_column
    rep, source = _with_rep(entity, types)
    history, instants = _history(entity, book, rules)
    if history:
        source += f" inner join ({history}) as history on {key} = born_of"
    columns = [
        f"{key} as record_id",
        f"{rep} as rep_id",
        f"{type_column if type_column in types else 'cast(null as varchar)'} as record_type",
        *instants,
        *_ruled_columns(rules),
        *text_columns(rules, types),
    ]
    where = alive(list(types), book.as_of_at)
    return f"select {', '.join(columns)} from {source} where {where}"


def _history(entity: str, book: RuleBook, rules: Sequence[MandatoryField]) -> tuple[str, list[str]]:
    """The select of what the rules need of the records' past, and its columns.

    A deal without any version is in no stage and was never seen alive: it owes nothing.
    """
    if entity == STAGED:
        reached = reached_columns(rules)
        return deals_query(reached, book.stages), ["born_at", *reached.values()]
    if any(rule.grace_days for rule in rules):
        return births_query(entity), ["born_at"]
    return "", []


def _ruled_columns(rules: Sequence[MandatoryField]) -> list[str]:
    named = (name for rule in rules for name in (rule.field, rule.values.compared_with) if name)
    return [identifier(name) for name in dict.fromkeys(named) if name not in _OWN]


def _with_rep(entity: str, types: Mapping[str, str]) -> tuple[str, str]:
    """SQL of the rep in charge, and the table to select from."""
    table, owner = f"{SCHEMA}.{table_of(entity)} as entity", RULED[entity].owner
    if "rep_id" in types:
        return "rep_id", table
    if owner is None:
        return "cast(null as varchar)", table
    owners, key = owner
    return "owner_rep_id", (
        f"{table} left outer join (select {key} as owner_id, max(rep_id) as owner_rep_id"
        f" from {SCHEMA}.{table_of(owners)} group by {key}) as owners on {key} = owner_id"
    )
