"""Great Expectations at work: suites in, counts out, all of it pushed down as SQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from expectations.rules import STAGE_POSITION, Rule, Suite


@dataclass(frozen=True)
class Count:
    """What Great Expectations counted for one rule; `error` says why it could not."""

    evaluated: int
    failed: int
    error: str = ""


@contextmanager
def validator(warehouse: Path) -> Iterator["Validator"]:
    """Open the warehouse for Great Expectations, read-only, and let go of it afterwards.

    Importing Great Expectations costs some seconds; it happens here and nowhere earlier.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    sources: Any = context.data_sources
    source = sources.add_sql(
        "warehouse",
        # Quoted, because Great Expectations would replace a $NAME in the path.
        connection_string=f"duckdb:///{quote(str(warehouse))}?access_mode=read_only",
        # DuckDB knows no isolation levels and no ROLLBACK outside a transaction; without these
        # three every metric fails.
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
        },
    )
    try:
        yield Validator(source)
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


@dataclass(frozen=True)
class Validator:
    """One data source of Great Expectations on one warehouse."""

    source: Any

    def count(self, suite: Suite) -> list[Count]:
        """Judge a suite; one Count per rule, in the order of the rules."""
        import great_expectations as gx  # noqa: PLC0415

        if not suite.rules:
            return []
        asset = self.source.add_query_asset(suite.check.name, query=suite.query)
        batch = asset.add_batch_definition_whole_table("all rows").get_batch()
        expectations = [_expectation(rule, number) for number, rule in enumerate(suite.rules)]
        results = batch.validate(
            gx.ExpectationSuite(name=suite.check.name, expectations=expectations),
            # Values of records stay in the warehouse: only counts are asked for.
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        ).results
        # Results need not come in the order of the expectations.
        by_number = {result.expectation_config.meta["rule"]: _count(result) for result in results}
        return [by_number[number] for number in range(len(suite.rules))]


def _expectation(rule: Rule, number: int) -> Any:
    """The expectation of a rule; its number comes back with the result."""
    import great_expectations as gx  # noqa: PLC0415

    types: Any = gx.expectations
    noted: dict[str, Any] = {"meta": {"rule": number}, "notes": rule.description}
    column = rule.columns[0]
    match rule.kind:
        case "filled" | "not_null":
            return types.ExpectColumnValuesToNotBeNull(
                column=column, row_condition=_due(rule), **noted
            )
        case "unique" if len(rule.columns) == 1:
            return types.ExpectColumnValuesToBeUnique(column=column, **noted)
        case "unique":
            return types.ExpectCompoundColumnsToBeUnique(
                column_list=list(rule.columns), ignore_row_if="any_value_is_missing", **noted
            )
        case "within":
            return types.ExpectColumnValuesToBeBetween(
                column=column, min_value=rule.lowest, max_value=rule.highest, **noted
            )
        case "ordered":
            return types.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=rule.columns[1],
                column_B=column,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                **noted,
            )
        case "balanced":
            return types.ExpectColumnPairValuesToBeEqual(
                column_A=column, column_B=rule.columns[1], ignore_row_if="neither", **noted
            )


def _due(rule: Rule) -> Any:
    from great_expectations.expectations.row_conditions import Column  # noqa: PLC0415

    return None if rule.due_from is None else Column(STAGE_POSITION) >= rule.due_from


def _count(result: Any) -> Count:
    found = result.result
    if "element_count" not in found:
        return Count(0, 0, error=f"Great Expectations gave up: {result.exception_info}")
    evaluated = (found["element_count"] or 0) - (found.get("missing_count") or 0)
    return Count(evaluated, found["unexpected_count"] or 0)
