"""Great Expectations at work: suites in, counts out, all of it pushed down as SQL."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from expectations.data_docs import write_data_docs
from expectations.rules import GOOD_CLASSES, Rule
from expectations.scratch import Settled


@dataclass(frozen=True)
class Count:
    """What Great Expectations counted for one rule; `error` says why it could not."""

    evaluated: int
    failed: int
    error: str = ""


@contextmanager
def validator(databases: Iterable[Path], as_of_at: datetime) -> Iterator["Validator"]:
    """Open database files for Great Expectations, read-only, and let go of them afterwards.

    as_of_at: UTC without zone; it names the results.

    Importing Great Expectations costs some seconds; it happens here and nowhere earlier.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    sources = {path: _source(context, path) for path in databases}
    run_id = gx.RunIdentifier(run_name="judged", run_time=as_of_at.replace(tzinfo=UTC))
    try:
        yield Validator(context, sources, run_id)
    finally:
        for source in sources.values():
            source.get_execution_engine().close()
            source.get_engine().dispose()


def _source(context: Any, database: Path) -> Any:
    return context.data_sources.add_sql(
        # Two files may have one name.
        f"{database.stem}_{len(context.data_sources.all())}",
        # Quoted, because Great Expectations would replace a $NAME in the path.
        connection_string=f"duckdb:///{quote(str(database))}?access_mode=read_only",
        # DuckDB knows no isolation levels and no ROLLBACK outside a transaction; without these
        # three every metric fails.
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
        },
    )


@dataclass(frozen=True)
class Validator:
    """Great Expectations: a context in memory and a data source per database file."""

    context: Any
    sources: dict[Path, Any]
    run_id: Any

    def count(self, settled: Settled) -> list[Count]:
        """Judge a suite; one Count per rule, in the order of the rules."""
        import great_expectations as gx  # noqa: PLC0415

        suite = settled.suite
        if not suite.rules:
            return []
        source = self.sources[settled.database]
        asset = source.add_query_asset(suite.check.name, query=settled.query)
        expectations = [_expectation(rule, number) for number, rule in enumerate(suite.rules)]
        definition = gx.ValidationDefinition(
            name=suite.check.name,
            data=asset.add_batch_definition_whole_table("all rows"),
            suite=self.context.suites.add(
                gx.ExpectationSuite(name=suite.check.name, expectations=expectations)
            ),
        )
        # Values of records stay in the warehouse: only counts are asked for.
        results = self.context.validation_definitions.add(definition).run(
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
            run_id=self.run_id,
        )
        # Results need not come in the order of the expectations.
        by_number = {
            result.expectation_config.meta["rule"]: _count(result) for result in results.results
        }
        return [by_number[number] for number in range(len(suite.rules))]

    def write_data_docs(self, folder: Path) -> None:
        """Write Great Expectations' own pages on what was judged so far."""
        write_data_docs(self.context, folder)


def _expectation(rule: Rule, number: int) -> Any:
    """The expectation of a rule; its number comes back with the result."""
    import great_expectations as gx  # noqa: PLC0415

    types: Any = gx.expectations
    noted: dict[str, Any] = {"meta": {"rule": number}, "notes": rule.description}
    column = rule.columns[0]
    match rule.kind:
        case "classed":
            return types.ExpectColumnValuesToBeInSet(
                column=column, value_set=list(GOOD_CLASSES), **noted
            )
        case "not_null":
            return types.ExpectColumnValuesToNotBeNull(column=column, **noted)
        case "unique":
            return _unique(types, rule, noted)
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


def _unique(types: Any, rule: Rule, noted: dict[str, Any]) -> Any:
    if len(rule.columns) == 1:
        return types.ExpectColumnValuesToBeUnique(column=rule.columns[0], **noted)
    return types.ExpectCompoundColumnsToBeUnique(
        column_list=list(rule.columns), ignore_row_if="any_value_is_missing", **noted
    )


def _count(result: Any) -> Count:
    found = result.result
    if "element_count" not in found:
        return Count(0, 0, error=f"Great Expectations gave up: {result.exception_info}")
    evaluated = (found["element_count"] or 0) - (found.get("missing_count") or 0)
    return Count(evaluated, found["unexpected_count"] or 0)
