"""What the replay of schemes of objectives found, told to people: read from a warehouse's marts."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

GRAINS = {"month": "months", "quarter": "quarters", "fiscal_year": "fiscal years"}
VERDICTS = {
    "too_few": "fewer than intended",
    "as_intended": "as intended",
    "too_many": "more than intended",
}
# Targets around today's, for the table of sensitivity.
NEAR = (0.5, 0.8, 0.9, 1, 1.1, 1.25)


class SimulationError(Exception):
    """There is no warehouse with the tables that a simulation replays."""


@dataclass(frozen=True)
class Replay:
    """One scheme on one kind of period; shares and payouts are fractions.

    advised: factor on the targets and the share that it brings; None where no factor does.
    sensitivity: factor, share attaining, mean payout.
    """

    grain: str
    verdict: str
    periods: int
    cases: int
    attaining: int
    share: float
    share_low: float
    share_high: float
    nothing: int
    payouts: list[float]
    mean_payout: float
    deviation: float | None
    newly: int
    no_longer: int
    advised: list[float] | None
    sensitivity: list[tuple[float, float, float]]


@dataclass(frozen=True)
class Refusal:
    """A criterion that could not be judged, and what is missing."""

    label: str
    reason: str


def day_of_the_run(warehouse: Path) -> date:
    """The as-of day of the tables that the last run built. Raises SimulationError."""
    rows = _rows(warehouse, "select date_day from marts.dim_dates where is_as_of_day", [])
    if not rows:
        raise SimulationError("dim_dates holds no as-of day")
    return date.fromisoformat(str(rows[0][0]))


def write_report(warehouse: Path, schemes: Sequence[str], label: str, path: Path) -> list[str]:
    """Write what became of the schemes as Markdown; returns the lines that say it in short."""
    lines = [f"# Objectives of {label}, replayed", ""]
    short: list[str] = []
    for scheme in schemes:
        replays, refusals = read_replays(warehouse, scheme), read_refusals(warehouse, scheme)
        lines += [f"## Scheme {scheme}", "", *_refusal_lines(refusals)]
        for replay in replays:
            lines += _replay_lines(replay)
        short += [f"{scheme}, {GRAINS[replay.grain]}: {in_short(replay)}" for replay in replays]
        short += [f"{scheme}: {refusal.label} left out, {refusal.reason}" for refusal in refusals]
        if not replays:
            short.append(f"{scheme}: no criterion could be judged")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return short


def read_replays(warehouse: Path, scheme: str) -> list[Replay]:
    """The scheme's replays: months, quarters and fiscal years, as far as there are any."""
    rows = _rows(
        warehouse,
        "select period_grain, verdict, period_count, case_count, attaining_count, attaining_share,"
        " attaining_share_low, attaining_share_high, nothing_count,"
        " [p10_payout, p25_payout, p50_payout, p75_payout, p90_payout], mean_payout,"
        " mean_deviation, newly_attaining_count, no_longer_attaining_count,"
        " case when advised_factor > 0 then [cast(advised_factor as double), advised_share] end"
        " from marts.mart_scheme_simulations where scheme_id = ?"
        " order by list_position(['month', 'quarter', 'fiscal_year'], period_grain)",
        [scheme],
    )
    names = [field.name for field in fields(Replay)]
    sensitivities = [_sensitivity(warehouse, scheme, grain) for grain, *_ in rows]
    return [
        Replay(**dict(zip(names, (*row, sensitivity), strict=True)))
        for row, sensitivity in zip(rows, sensitivities, strict=True)
    ]


def read_refusals(warehouse: Path, scheme: str) -> list[Refusal]:
    """The scheme's criteria that lack data, and which."""
    rows = _rows(
        warehouse,
        "select criterion_label, refusal from marts.mart_scheme_criteria"
        " where scheme_id = ? and not is_used order by criterion",
        [scheme],
    )
    return [Refusal(*row) for row in rows]


def in_short(replay: Replay) -> str:
    """One sentence: how many attain, and which targets would bring as many as intended."""
    told = f"{_percent(replay.share)} attain ({replay.attaining} of {replay.cases})"
    told += f", {VERDICTS[replay.verdict]}"
    if replay.verdict == "as_intended":
        return told
    if replay.advised is None:
        return f"{told}; no targets tried bring as many as intended"
    factor, share = replay.advised
    return f"{told}; targets x {factor:g} would bring {_percent(share)}"


def _sensitivity(warehouse: Path, scheme: str, grain: str) -> list[tuple[float, float, float]]:
    rows = _rows(
        warehouse,
        "select cast(target_factor as double), attaining_share, mean_payout"
        " from marts.mart_scheme_sensitivities"
        " where scheme_id = ? and period_grain = ? order by target_factor",
        [scheme, grain],
    )
    return [(factor, share, payout) for factor, share, payout in rows if factor in NEAR]


def _refusal_lines(refusals: Sequence[Refusal]) -> list[str]:
    lines = [f"- {refusal.label}: left out, {refusal.reason}." for refusal in refusals]
    return [*lines, ""] if lines else []


def _replay_lines(replay: Replay) -> list[str]:
    percents = ("10 %", "25 %", "half", "75 %", "90 %")
    payouts = zip(percents, replay.payouts, strict=True)
    lines = [
        f"### {replay.periods} {GRAINS[replay.grain]}",
        "",
        f"{in_short(replay)}.",
        "",
        f"- Share attaining: 95 % interval {_percent(replay.share_low)} to"
        f" {_percent(replay.share_high)}.",
        f"- Payout: {_percent(replay.mean_payout)} on average; of the cases "
        + ", ".join(f"{name} get up to {_percent(value)}" for name, value in payouts)
        + f"; {replay.nothing} get nothing.",
    ]
    if replay.deviation is not None:
        lines.append(
            f"- Against today's scheme: {100 * replay.deviation:+.1f} points of payout on average,"
            f" {replay.newly} cases attain that did not, {replay.no_longer} no longer do."
        )
    lines += ["", "| targets x | attain | mean payout |", "| --- | --- | --- |"]
    lines += [f"| {f:g} | {_percent(s)} | {_percent(p)} |" for f, s, p in replay.sensitivity]
    return [*lines, ""]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _rows(warehouse: Path, sql: str, values: list[str]) -> list[tuple[Any, ...]]:
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return connection.execute(sql, values).fetchall()
    except duckdb.Error as error:
        raise SimulationError(str(error).splitlines()[0]) from error
