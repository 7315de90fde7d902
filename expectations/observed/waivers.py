"""Waivers that waive nothing: they ran out, or are for a rep or a team that is not there."""

from collections.abc import Sequence

from expectations.alerts.observation import Observation
from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk.waivers import Waiver
from expectations.observed.views import IDS_KEPT, View, words
from expectations.sql import text_literal

# Scope -> the column that names its members. Who has left still stands in the fills of old days.
_MEMBERS = {"rep": "rep_id", "team": "team"}
_TOLD_OF = ("dim_reps", "fct_field_fills")
# What the fills call those that no delivery names.
_NOBODY = ("unassigned", "unknown")


def observe_waivers(
    view: View, rules: Sequence[MandatoryField], waivers: Sequence[Waiver]
) -> list[Observation]:
    """One observation per rule: bad as long as a waiver of it on the desk waives nothing."""
    strays = stray_waivers(view, waivers)
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


def stray_waivers(view: View, waivers: Sequence[Waiver]) -> list[Waiver]:
    """Those that have not run out, for a rep or a team that no delivery has ever told of.

    No reason to refuse the desk: people come later than their waivers, and go before them. Where
    no rep or team was ever delivered, nobody can tell.
    """
    if not view.has(*_TOLD_OF):
        return []
    asked = {waiver.scope for waiver in waivers} & set(_MEMBERS)
    known = {scope: _known(view, _MEMBERS[scope]) for scope in asked}
    return [
        waiver
        for waiver in waivers
        if known.get(waiver.scope)
        and waiver.member not in known[waiver.scope]
        and not waiver.ran_out_before(view.day)
    ]


def stray_text(waiver: Waiver) -> str:
    """Whom it names, and where that stands."""
    cell = waiver.cells["member"]
    place = f"{cell.path.name}, line {cell.line}, column {cell.column}"
    return f"{waiver.member!r} is no {waiver.scope} that was ever delivered ({place})"


def waivers_rule(rule_id: str) -> str:
    """What the waivers of a rule are called among the rules of alerts."""
    return f"waivers.{rule_id}"


def _known(view: View, column: str) -> set[str]:
    tables = " union ".join(f"select {column} from marts.{mart}" for mart in _TOLD_OF)
    return {name for (name,) in view.rows(tables)} - {None, *_NOBODY}


def _observation(
    rule: MandatoryField, ran_out: list[Waiver], strays: list[Waiver], known: int
) -> Observation:
    ids = [waiver.waiver_id for waiver in [*ran_out, *strays]]
    told = [f"ran out: {words([waiver.waiver_id for waiver in ran_out])}"] if ran_out else []
    if strays:
        told.append(f"waive nothing: {words(list(map(stray_text, strays)))}")
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
