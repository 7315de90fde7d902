"""Every dbt model and seed as an asset, every dbt test as a check: one `dbt build`."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage

from orchestration.dbt_settings import dbt_arguments
from orchestration.resources import CompanyRun, Dbt, dbt_environment_set
from orchestration.terminal import ChainError

MOST_TOLD = 12
ROWS = re.compile(r"rows: (\d+)")


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """The dbt project as one step. Names, groups, docs and columns come from the dbt files."""

    @dbt_assets(manifest=manifest, name="models", pool="duckdb")
    def models(
        context: dg.AssetExecutionContext, company_run: CompanyRun, dbt: Dbt
    ) -> Iterator[Any]:
        company, as_of = company_run.settle()
        # Unit tests judge the code, not the data: `make test` runs them.
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        with dbt_environment_set(company, as_of):
            invocation = dbt.cli(
                dbt_arguments(company, arguments),
                context=context,
                target_path=company.target,
                raise_on_error=False,
            )
        story = Story(_emptied(company.target / "failed"))
        told = story.told_by(invocation)
        # Who looks at a run of the web interface may ask; nobody sees it of the command line's.
        yield from _traced(told, invocation) if company_run.takes_lock else told
        if story.queries:
            _write_queries(invocation, story.queries)
        if not invocation.is_successful():
            raise story.failure(company.reference)

    return models


def _traced(events: Iterator[Any], invocation: DbtCliInvocation) -> Iterator[Any]:
    """The events, each materialization with the columns that its columns are made of."""
    from orchestration.lineage import Lineage, compiled_below  # noqa: PLC0415 - not for each run

    manifest, translator = invocation.manifest, invocation.dagster_dbt_translator
    lineage = Lineage(manifest, compiled_below(invocation.target_path))

    def key_of(table: str) -> dg.AssetKey:
        return translator.get_asset_spec(manifest, table, None).key

    for event in events:
        unique_id = event.metadata.get("unique_id") if isinstance(event, dg.Output) else None
        if unique_id is None:
            yield event
            continue
        made_of = {
            name: [dg.TableColumnDep(key_of(maker.table), maker.name) for maker in makers]
            for name, makers in lineage.of(str(unique_id.value)).items()
        }
        found = {"dagster/column_lineage": dg.TableColumnLineage(made_of)}
        yield event.with_metadata({**event.metadata, **found})


@dataclass
class Story:
    """What dbt says while it builds: rows per model, and what broke.

    folder: where the selects of broken tests are written. queries: those selects, by test.
    """

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    queries: dict[str, Path] = field(default_factory=dict)

    def told_by(self, invocation: DbtCliInvocation) -> Iterator[Any]:
        """Dagster's events, with the row count where a model reported it, and with what to do
        where a test found something.
        """
        for event in invocation.stream_raw_events():
            unique_id = self._note(event)
            for told in event.to_default_asset_events(
                manifest=invocation.manifest,
                dagster_dbt_translator=invocation.dagster_dbt_translator,
                context=invocation.context,
                target_path=invocation.target_path,
            ):
                if isinstance(told, dg.Output) and unique_id in self.rows:
                    rows = dg.MetadataValue.int(self.rows[unique_id])
                    yield told.with_metadata({**told.metadata, "dagster/row_count": rows})
                elif isinstance(told, dg.AssetCheckResult) and not told.passed:
                    was_run = event.raw_event["data"]["node_info"]["node_status"] != "error"
                    nodes = invocation.manifest["nodes"]
                    yield self._with_remedy(told, unique_id, nodes) if was_run else _not_run(told)
                else:
                    yield told

    def failure(self, company: str) -> ChainError:
        """What broke in dbt's words, and for a test how to see the rows."""
        told = self.errors[:MOST_TOLD] or ["dbt says no more"]
        if len(self.errors) > MOST_TOLD:
            told.append(f"and {len(self.errors) - MOST_TOLD} more lines")
        queries = [self.queries[test] for test in self.broken if test in self.queries]
        queries = [query for query in queries if query.is_file()]
        return ChainError(
            "dbt could not build the warehouse; nothing was published.",
            where="\n         ".join(told),
            remedy=f"see the rows: pilotage query --warehouse --company {company} {queries[0]}"
            if queries
            else "mend what is named, then run again",
        )

    def _with_remedy(
        self, told: dg.AssetCheckResult, unique_id: str, nodes: Mapping[str, Any]
    ) -> dg.AssetCheckResult:
        query = self.queries[unique_id] = self.folder / f"{nodes[unique_id]['name']}.sql"
        return dg.AssetCheckResult(
            check_name=told.check_name,
            asset_key=told.asset_key,
            passed=told.passed,
            severity=told.severity,
            description=_meaning(nodes[unique_id]) or None,
            metadata={**told.metadata, "rows_query": str(query)},
        )

    def _note(self, event: DbtCliEventMessage) -> str:
        info, node = event.raw_event["info"], event.raw_event["data"].get("node_info", {})
        unique_id: str = node.get("unique_id", "")
        if info["name"] == "JinjaLogInfo" and (found := ROWS.fullmatch(info["msg"].strip())):
            self.rows[unique_id] = int(found[1])
        elif info["level"] == "error" and event.is_result_event:
            self.broken.append(unique_id)
        elif info["level"] == "error" and info["msg"].strip():
            self.errors.append(_plain(info["msg"]))
        return unique_id


def _not_run(told: dg.AssetCheckResult) -> dg.AssetCheckResult:
    """A check that says nothing of the data, so without a count and a meaning of its own."""
    return dg.AssetCheckResult(
        check_name=told.check_name,
        asset_key=told.asset_key,
        passed=False,
        severity=told.severity,
        description="It could not be run: the message at the end says why.",
    )


def _plain(message: str) -> str:
    """dbt's message without the macros it came through (after " > ") and the stack trace of a model
    in Python but for its last line, which says what was wrong.
    """
    told, _, trace = message.partition("Traceback (most recent call last):")
    cause = [line for line in trace.splitlines() if line.strip()][-1:]
    return " ".join(" ".join([told, *cause]).split()).split(" > in macro ")[0]


def _meaning(test: Mapping[str, Any]) -> str:
    """What a singular test says above its select: what its rows mean and what to do."""
    lines = dropwhile(lambda line: not line.startswith("--"), test["raw_code"].splitlines())
    comment = takewhile(lambda line: line.startswith("--"), lines)
    return " ".join(line.removeprefix("--").strip() for line in comment)


def _emptied(folder: Path) -> Path:
    """The folder without what an earlier run left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _write_queries(invocation: DbtCliInvocation, queries: Mapping[str, Path]) -> None:
    """Write the select of each broken test; what dbt compiled for itself may lie outside its target
    folder, or be overwritten, where the company lies outside the tree.
    """
    nodes = invocation.get_artifact("manifest.json")["nodes"]
    for unique_id, path in queries.items():
        if select := nodes[unique_id].get("compiled_code"):
            path.write_text(select.strip() + "\n", encoding="utf-8")
