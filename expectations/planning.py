"""What will be judged: read from the desk and the entities alone, without opening a warehouse."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from expectations.desk.mandatory_fields import MandatoryField, read_mandatory_fields
from expectations.desk.thresholds import Threshold, list_thresholds
from expectations.entities import RULED, SCHEMA, table_of
from expectations.ranges import RANGED
from expectations.verdicts import Check, DeliveredTable, Severity

# Entity -> the mart that must hold all of it.
_RECONCILED = {"invoice_lines": "fct_invoice_lines", "opportunities": "fct_opportunities"}

FIELD_VIOLATIONS = "field_violations"


def planned_checks(
    desk: Path,
    entities: Iterable[str],
    sources: Collection[str] = (),
    delivered: Sequence[DeliveredTable] = (),
) -> list[Check]:
    """List the checks of a company, by name.

    entities: all that have a conformed table, whether or not a source fills it. sources: those that
    the company enables: their tables are awaited. delivered: their tables that declare a key.
    Raises ExpectationsError for a desk line about an entity that is not among them.
    """
    known = sorted(set(entities))
    ruled = sorted({_entity(rule, known) for rule in read_mandatory_fields(desk)})
    checks = [mandatory_fields_check(entity) for entity in ruled]
    checks += [_keys(entity) for entity in known]
    checks += [_ranges(entity) for entity in RANGED if entity in known]
    checks += [_reconciliation(entity) for entity in _RECONCILED if entity in known]
    if ruled:
        checks.append(_field_violations())
    checks.append(_loads())
    checks += [
        _delivered_keys(source, [each for each in delivered if each.source_name == source])
        for source in sorted({each.source_name for each in delivered})
    ]
    checks += _deliveries(list_thresholds(desk), sources)
    return sorted(checks, key=lambda check: check.name)


def _entity(rule: MandatoryField, known: list[str]) -> str:
    can_be_ruled = [entity for entity in known if entity in RULED]
    return rule.cells["entity"].one_of(can_be_ruled, "entity")


def mandatory_fields_check(entity: str) -> Check:
    """The check of an entity that the desk rules."""
    return Check(
        name=f"mandatory_fields__{entity}",
        family="mandatory_fields",
        entity=entity,
        schema=SCHEMA,
        table=table_of(entity),
        severity="warn",
        blocking=False,
        description=f"The fields that the desk makes mandatory for {entity} are filled when due.",
    )


def _keys(entity: str) -> Check:
    return Check(
        name=f"keys__{entity}",
        family="keys",
        entity=entity,
        schema=SCHEMA,
        table=table_of(entity),
        severity="error",
        blocking=True,
        description=f"Every row of {entity} has a key, and no two rows have the same.",
    )


def _ranges(entity: str) -> Check:
    return Check(
        name=f"ranges__{entity}",
        family="ranges",
        entity=entity,
        schema=SCHEMA,
        table=table_of(entity),
        severity="warn",
        blocking=False,
        description=f"Figures and dates of {entity} can be right.",
    )


def _reconciliation(entity: str) -> Check:
    mart = _RECONCILED[entity]
    return Check(
        name=f"reconciliation__{entity}",
        family="reconciliation",
        entity=entity,
        schema="marts",
        table=mart,
        severity="error",
        blocking=True,
        description=f"{mart} holds all {entity.replace('_', ' ')} that came in, and nothing else.",
    )


def _field_violations() -> Check:
    return Check(
        name=f"reconciliation__{FIELD_VIOLATIONS}",
        family="reconciliation",
        entity=FIELD_VIOLATIONS,
        schema="marts",
        table="fct_field_violations",
        severity="error",
        blocking=True,
        description="The open violations are those that the rules find in the records themselves.",
    )


def _loads() -> Check:
    return Check(
        name="reconciliation__loads",
        family="reconciliation",
        entity="loads",
        schema="raw",
        table="loads",
        severity="error",
        blocking=True,
        description="Of every load, rows delivered = loaded + unchanged + quarantined.",
    )


def _delivered_keys(source: str, tables: Sequence[DeliveredTable]) -> Check:
    return Check(
        name=f"delivered_keys__{source}",
        family="delivered_keys",
        entity=source,
        schema="raw",
        table="loads",
        severity="error",
        blocking=True,
        description=f"Every row of {source} has its declared key; of a load, a key has one row.",
        delivered=tuple(tables),
    )


def _deliveries(thresholds: Sequence[Threshold], sources: Collection[str]) -> list[Check]:
    """One check per delivered table; as grave as the gravest of its thresholds."""
    severities: dict[str, set[Severity]] = {}
    for threshold in thresholds:
        if threshold.is_delivery:
            severities.setdefault(threshold.entity, set()).add(threshold.severity)
    return [
        Check(
            name=f"deliveries__{table.replace('.', '__')}",
            family="deliveries",
            entity=table,
            schema="raw",
            table="loads",
            severity="error" if "error" in found else "warn",
            blocking=False,
            description=f"The deliveries of {table} are as large and as fresh as the desk asks.",
            is_awaited=table.partition(".")[0] in sources,
        )
        for table, found in severities.items()
    ]
