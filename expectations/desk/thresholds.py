"""thresholds.csv: from which figure on somebody is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from expectations.desk.fitting import Columns, check_field
from expectations.desk.mandatory_fields import FILE as RULES_FILE
from expectations.desk.mandatory_fields import SEVERITIES, STAGED, MandatoryField, filled, key
from expectations.desk_files import Cell, nearest, read_number, read_rows
from expectations.entities import RULED
from expectations.verdicts import Severity

FILE = "thresholds.csv"
COLUMNS = (
    "threshold_id",
    "metric",
    "entity",
    "fields",
    "scope",
    "stages",
    "minimum",
    "maximum",
    "window_days",
    "min_records",
    "severity",
    "owner",
    "reason",
)
SCOPES = ("company", "team", "rep")
OPEN_STAGES = "open"


@dataclass(frozen=True)
class Metric:
    """What a metric asks of its line: which limits, over which entities, with what."""

    limits: tuple[str, ...]
    entities: tuple[str, ...] = tuple(sorted(RULED))
    has_fields: bool = False
    window: Literal["none", "possible", "needed"] = "none"
    is_delivery: bool = False
    by_company_alone: bool = False


METRICS = {
    "fill_rate": Metric(("minimum",), has_fields=True),
    "fill_rate_drop": Metric(("maximum",), has_fields=True, window="needed"),
    "volume": Metric(
        ("minimum", "maximum"), (), window="needed", is_delivery=True, by_company_alone=True
    ),
    "freshness": Metric(("maximum",), (), is_delivery=True, by_company_alone=True),
    "open_violations": Metric(("maximum",), has_fields=True),
    # Its window says after how many silent days a contact is stale.
    "stale_share": Metric(("maximum",), ("contacts",), window="possible"),
    "duplicate_share": Metric(("maximum",), ("accounts", "contacts")),
    "default_share": Metric(("maximum",), has_fields=True),
}
# Rates and shares lie between 0 and 1.
_SHARES = ("fill_rate", "fill_rate_drop", "stale_share", "duplicate_share", "default_share")


@dataclass(frozen=True)
class Threshold:
    """One line of thresholds.csv. `fields` () = all ruled fields; `stages` () = all stages."""

    threshold_id: str
    metric: str
    entity: str
    severity: Severity
    owner: str
    reason: str
    fields: tuple[str, ...] = ()
    scope: str = "company"
    stages: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    window_days: int | None = None
    min_records: int = 0
    cells: Mapping[str, Cell] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_delivery(self) -> bool:
        """Whether it is about what came in (<source>.<table>) and not about records."""
        return METRICS[self.metric].is_delivery


def read_thresholds(desk: Path, columns: Columns, stages: Sequence[str]) -> list[Threshold]:
    """The thresholds in the desk's order.

    Raises ExpectationsError for the first line that is wrong: unknown metric, entity, field, stage
    or scope, a limit that is missing, no number, or meaningless for the metric.
    """
    thresholds: dict[str, Threshold] = {}
    for threshold in _thresholds(desk):
        if threshold.threshold_id in thresholds:
            raise threshold.cells["threshold_id"].wrong(
                "is there twice", "Give each threshold an id of its own."
            )
        _check_entity(threshold, columns)
        _check_stages(threshold, stages)
        _check_limits(threshold)
        thresholds[threshold.threshold_id] = threshold
    return list(thresholds.values())


def check_ruled(thresholds: Sequence[Threshold], rules: Sequence[MandatoryField]) -> None:
    """Raise ExpectationsError for the first threshold on a field that no rule asks to be filled.

    Fills and violations know ruled fields alone: it would never be crossed.
    """
    for threshold in thresholds:
        if not METRICS[threshold.metric].has_fields:
            continue
        ruled = sorted({rule.field for rule in rules if rule.entity == threshold.entity})
        if not ruled:
            raise threshold.cells["entity"].wrong(
                f"has no rule in {RULES_FILE}, so {threshold.metric} counts nothing",
                "Write a rule first, or take the line out.",
            )
        for name in threshold.fields:
            if name not in ruled:
                raise threshold.cells["fields"].wrong(
                    f"names {name!r}, which no rule of {RULES_FILE} asks to be filled"
                    f"{nearest(name, ruled)}",
                    f"Use: {', '.join(ruled)}; or write a rule first.",
                )


def list_thresholds(desk: Path) -> list[Threshold]:
    """The thresholds, each value read but none held against the tables."""
    return list(_thresholds(desk))


def _thresholds(desk: Path) -> Iterator[Threshold]:
    for row in read_rows(desk / FILE, COLUMNS, only_these=True):
        yield Threshold(
            threshold_id=key(row["threshold_id"]),
            metric=row["metric"].one_of(tuple(METRICS), "metric"),
            entity=filled(row["entity"]),
            severity=cast("Severity", row["severity"].one_of(SEVERITIES, "severity")),
            owner=filled(row["owner"]),
            reason=row["reason"].text,
            fields=row["fields"].items,
            scope=row["scope"].one_of(SCOPES, "scope"),
            stages=row["stages"].items,
            minimum=_limit(row["minimum"]),
            maximum=_limit(row["maximum"]),
            window_days=row["window_days"].read_count(),
            min_records=row["min_records"].read_count() or 0,
            cells=row,
        )


def _limit(cell: Cell) -> Decimal | None:
    return cell.read(read_number, "number", "Write a number such as 0.75, or leave it empty.")


def _check_entity(threshold: Threshold, columns: Columns) -> None:
    metric, cell = METRICS[threshold.metric], threshold.cells["entity"]
    if metric.is_delivery:
        if len(threshold.entity.split(".")) != 2:
            raise cell.wrong("names no delivered table", "Write <source>.<table>, e.g. crm.leads.")
    else:
        cell.one_of(
            [name for name in metric.entities if name in columns], "entity with this metric"
        )
    if threshold.fields and not metric.has_fields:
        raise threshold.cells["fields"].wrong(
            f"cannot be asked of {threshold.metric}", "Leave it empty."
        )
    for name in threshold.fields:
        check_field(threshold.cells["fields"], name, threshold.entity, columns)
    if metric.by_company_alone and threshold.scope != "company":
        raise threshold.cells["scope"].wrong(
            f"cannot be asked of {threshold.metric}", "Write company."
        )


def _check_stages(threshold: Threshold, stages: Sequence[str]) -> None:
    cell = threshold.cells["stages"]
    if threshold.stages and threshold.entity != STAGED:
        raise cell.wrong(
            f"cannot be asked of {threshold.entity}: only opportunities pass through stages",
            "Leave it empty.",
        )
    for stage in threshold.stages:
        if stage not in (OPEN_STAGES, *stages):
            raise cell.wrong(
                f"names {stage!r}, no stage of stages.csv{nearest(stage, stages)}",
                f"Use: {OPEN_STAGES} (all that are not closed), {', '.join(stages)}.",
            )


def _check_limits(threshold: Threshold) -> None:
    metric = METRICS[threshold.metric]
    limits = {"minimum": threshold.minimum, "maximum": threshold.maximum}
    for name, limit in limits.items():
        cell = threshold.cells[name]
        if limit is not None and name not in metric.limits:
            raise cell.wrong(f"is no limit of {threshold.metric}", "Leave it empty.")
        if limit is not None and threshold.metric in _SHARES and not 0 <= limit <= 1:
            raise cell.wrong("is no share", "Write a number from 0 to 1: 0.75 is 75 %.")
    if not any(limits[name] is not None for name in metric.limits):
        raise threshold.cells[metric.limits[0]].wrong(
            f"is empty, and so {threshold.metric} has no limit", "Write a number."
        )
    lowest, highest = threshold.minimum, threshold.maximum
    if lowest is not None and highest is not None and lowest > highest:
        raise threshold.cells["maximum"].wrong("is less than minimum", "Swap the two.")
    _check_window(threshold)


def _check_window(threshold: Threshold) -> None:
    asked, cell = METRICS[threshold.metric].window, threshold.cells["window_days"]
    if asked == "needed" and not threshold.window_days:
        raise cell.wrong("is empty or 0", "Write the number of days, such as 28.")
    if asked == "none" and threshold.window_days:
        raise cell.wrong(f"cannot be asked of {threshold.metric}", "Leave it empty.")
