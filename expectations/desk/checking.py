"""All files of the desk that are about data quality, read strictly and held against the tables."""

from dataclasses import dataclass
from pathlib import Path

from expectations.desk.contradictions import check_contradictions
from expectations.desk.custom_fields import CustomField, read_custom_fields
from expectations.desk.fitting import Columns, check_fit
from expectations.desk.kpis import limited_kpis
from expectations.desk.mandatory_fields import MandatoryField, read_mandatory_fields
from expectations.desk.placeholders import Placeholders, read_placeholders
from expectations.desk.stages import Stage, read_stages
from expectations.desk.thresholds import Threshold, check_ruled, read_thresholds
from expectations.desk.waivers import Waiver, read_waivers


@dataclass(frozen=True)
class QualityDesk:
    """What the desk says about data quality, right in itself and fitting the tables."""

    rules: tuple[MandatoryField, ...]
    placeholders: Placeholders
    waivers: tuple[Waiver, ...]
    thresholds: tuple[Threshold, ...]
    custom_fields: tuple[CustomField, ...]
    stages: dict[str, Stage]


def check_quality_desk(desk: Path, columns: Columns) -> QualityDesk:
    """Read the five files about data quality, the stages and the limits of KPIs.

    desk: folder of the company's CSV files. columns: entity -> column -> data type of its conformed
    table, for every entity that has one.
    Raises ExpectationsError at the first line that is wrong: file, line, column, reason, remedy.
    """
    stages = read_stages(desk)
    placeholders = read_placeholders(desk)
    rules = read_mandatory_fields(desk)
    check_fit(rules, columns, tuple(stages), placeholders)
    check_contradictions(rules)
    limited_kpis(desk)
    thresholds = read_thresholds(desk, columns, tuple(stages))
    check_ruled(thresholds, rules)
    for threshold in thresholds:
        if threshold.threshold_id in {rule.rule_id for rule in rules}:
            raise threshold.cells["threshold_id"].wrong(
                "is the rule_id of a mandatory field too: their alerts would be one",
                "Give the threshold another id.",
            )
    return QualityDesk(
        rules=tuple(rules),
        placeholders=placeholders,
        waivers=tuple(read_waivers(desk, rules)),
        thresholds=tuple(thresholds),
        custom_fields=tuple(read_custom_fields(desk)),
        stages=stages,
    )
