"""Stale contacts and candidates of duplicates among all that live: known for today alone."""

from dataclasses import dataclass

from expectations.alerts.observation import Observation
from expectations.desk.thresholds import Threshold
from expectations.observed.views import IDS_KEPT, View, member, members_join, percent, share, who
from expectations.sql import text_literal

# Entity -> the mart with a row per living record, its key and the rep in charge.
_ALL = {
    "accounts": ("dim_accounts", "account_id", "rep_id_current"),
    "contacts": ("fct_contact_statuses", "contact_id", "rep_id"),
}


@dataclass(frozen=True)
class _Question:
    """Which records are meant: a select of record_id, rep_id, is_meant, and one to paste."""

    marts: tuple[str, ...]
    query: str
    rows_query: str
    name: str


def observe_shares(view: View, threshold: Threshold) -> list[Observation]:
    """One observation per member that has records; none for a day that is not today."""
    asked = _question(threshold)
    if not view.is_today or not view.has(*asked.marts, "dim_reps"):
        return []
    found = view.rows(
        f"select {member(threshold.scope)} as scope, count(*) filter (where is_meant), count(*),"
        f" min(record_id, {IDS_KEPT}) filter (where is_meant)"
        f" from ({asked.query}) as records{members_join(threshold.scope, 'rep_id')}"
        " group by scope order by scope"
    )
    return [
        _observation(threshold, asked, scope, counts, tuple(ids or ()))
        for scope, *counts, ids in found
    ]


def _question(threshold: Threshold) -> _Question:
    mart, key, rep = _ALL[threshold.entity]
    if threshold.metric == "stale_share":
        return _Question(
            (mart,),
            f"select {key} as record_id, {rep} as rep_id, is_stale as is_meant from marts.{mart}",
            f"select * from marts.{mart} where is_stale",
            "are stale",
        )
    candidates = (
        "select * from marts.fct_duplicate_candidates"
        f" where entity = {text_literal(threshold.entity)}"
    )
    return _Question(
        (mart, "fct_duplicate_candidates"),
        f"select {key} as record_id, {rep} as rep_id,"
        f" {key} in (select record_id from ({candidates}) as found) as is_meant from marts.{mart}",
        candidates,
        "look like another one",
    )


def _observation(
    threshold: Threshold,
    asked: _Question,
    scope: str,
    counts: list[int],
    record_ids: tuple[str, ...],
) -> Observation:
    meant, total = counts
    found = share(meant, total) if total >= threshold.min_records else None
    maximum = float(threshold.maximum or 0)
    return Observation(
        family=threshold.metric,
        rule=threshold.threshold_id,
        entity=threshold.entity,
        field="",
        scope=scope,
        severity=threshold.severity,
        is_bad=None if found is None else found > maximum,
        owner=threshold.owner,
        title=(
            f"{who(scope)}: {percent(share(meant, total))} of {threshold.entity} {asked.name};"
            f" {percent(maximum)} is the maximum."
        ),
        failed_count=meant,
        evaluated_count=total,
        rows_query=asked.rows_query,
        record_ids=record_ids,
    )
