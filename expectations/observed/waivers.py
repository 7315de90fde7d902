"""Waivers that waive nothing: they ran out, or what they are for is not there."""

from collections.abc import Sequence

from expectations.alerts.observation import Observation
from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk.waivers import Waiver
from expectations.entities import SCHEMA, key_of, table_of
from expectations.observed.strays import is_own_type, is_stray, stray_text, type_names
from expectations.observed.views import IDS_KEPT, View, words
from expectations.sql import column_types, text_literal

# Scope -> the column that names its members. Who has left still stands in the fills of old days.
_MEMBERS = {"rep": "rep_id", "team": "team"}
_TOLD_OF = ("dim_reps", "fct_field_fills")


def observe_waivers(
    view: View, rules: Sequence[MandatoryField], waivers: Sequence[Waiver]
) -> list[Observation]:
    """One observation per rule: bad as long as a waiver of it on the desk waives nothing."""
    strays = stray_waivers(view, rules, waivers)
    return [
        _observation(
            rule,
            ran_out=[
                w for w in waivers if w.rule_id == rule.rule_id and w.ran_out_before(view.day)
            ],
            strays=[waiver for waiver in strays if waiver.rule_id == rule.rule_id],
            known=sum(waiver.rule_id == rule.rule_id for waiver in waivers),
        )
        for rule in rules
    ]


def stray_waivers(
    view: View, rules: Sequence[MandatoryField], waivers: Sequence[Waiver]
) -> list[Waiver]:
    """Those that have not run out, for somebody or something of which no delivery has ever told."""
    entities = {rule.rule_id: rule.entity for rule in rules}
    return [
        waiver
        for waiver in waivers
        if not waiver.ran_out_before(view.day)
        and not _is_type_of(waiver, entities[waiver.rule_id])
        and (names := _names(view, waiver.scope, entities[waiver.rule_id]))
        and is_stray(view, names, waiver.member)
    ]


def stray_waiver_text(waiver: Waiver) -> str:
    """Whom or what it names, and where that stands."""
    return stray_text(waiver.cells["member"], waiver.member, waiver.scope.replace("_", " "))


def waivers_rule(rule_id: str) -> str:
    """What the waivers of a rule are called among the rules of alerts."""
    return f"waivers.{rule_id}"


def _is_type_of(waiver: Waiver, entity: str) -> bool:
    """Whether it is for a record type that there is, though none may have come yet."""
    return waiver.scope == "record_type" and is_own_type(waiver.member, entity)


def _names(view: View, scope: str, entity: str) -> str | None:
    """A select of the names of all that a waiver may be for; None where nobody can tell."""
    if scope in _MEMBERS:
        tables = (f"select {_MEMBERS[scope]} as name from marts.{mart}" for mart in _TOLD_OF)
        return " union all ".join(tables) if view.has(*_TOLD_OF) else None
    if scope == "record_type":
        return type_names(view, entity)
    columns = list(column_types(view.con, SCHEMA, table_of(entity)))
    if scope == "company" or not columns:
        return None
    return f"select {key_of(entity, columns)[0]} as name from {SCHEMA}.{table_of(entity)}"


def _observation(
    rule: MandatoryField, ran_out: list[Waiver], strays: list[Waiver], known: int
) -> Observation:
    ids = [waiver.waiver_id for waiver in [*ran_out, *strays]]
    told = [f"ran out: {words([waiver.waiver_id for waiver in ran_out])}"] if ran_out else []
    if strays:
        told.append(f"waive nothing: {words(list(map(stray_waiver_text, strays)))}")
    return Observation(
        family="waivers",
        rule=waivers_rule(rule.rule_id),
        entity=rule.entity,
        field=rule.field,
        scope="company",
        severity="warn",
        is_bad=bool(ids),
        owner=rule.owner,
        title=f"Waivers of the rule {rule.rule_id} {'; '.join(told) or 'are all in force'}.",
        failed_count=len(ids),
        evaluated_count=known,
        since=min((waiver.until for waiver in ran_out), default=None),
        rows_query=(
            "select * from marts.fct_field_violations where is_open"
            f" and rule_id = {text_literal(rule.rule_id)}"
        ),
        record_ids=tuple(ids[:IDS_KEPT]),
    )
