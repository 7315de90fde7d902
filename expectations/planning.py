"""What will be judged: read from the desk and the entities alone, without opening a warehouse."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from expectations.desk import MandatoryField, read_mandatory_fields
from expectations.entities import SCHEMA, table_of
from expectations.errors import ExpectationsError
from expectations.verdicts import Check

# Entity -> the mart that must hold all of it.
_RECONCILED = {"invoice_lines": "fct_invoice_lines", "opportunities": "fct_opportunities"}


def planned_checks(desk: Path, entities: Iterable[str]) -> list[Check]:
    """List the checks of a company, by name.

    entities: all that have a conformed table, whether or not a source fills it.
    Raises ExpectationsError for a desk line about an entity that is not among them.
    """
    known = sorted(set(entities))
    ruled = sorted({_entity(field, known) for field in read_mandatory_fields(desk)})
    checks = [_mandatory_fields(entity) for entity in ruled]
    checks += [_keys(entity) for entity in known]
    if "opportunities" in known:
        checks.append(_ranges("opportunities"))
    checks += [_reconciliation(entity) for entity in _RECONCILED if entity in known]
    checks.append(_loads())
    return sorted(checks, key=lambda check: check.name)


def _entity(field: MandatoryField, known: list[str]) -> str:
    if field.entity not in known:
        near = difflib.get_close_matches(field.entity, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(known)}"
        raise ExpectationsError(
            f"unknown entity {field.entity!r}",
            f"mandatory_fields.csv, line {field.line}, column entity",
            hint,
        )
    return field.entity


def _mandatory_fields(entity: str) -> Check:
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
        description=f"Chances, amounts and dates of {entity} can be right.",
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
