"""Every dbt model and seed as an asset, every dbt test as a check: one `dbt build`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage

from orchestration.dbt_settings import dbt_arguments
from orchestration.resources import CompanyRun, dbt_environment_set
from orchestration.terminal import ChainError

MOST_TOLD = 12
ROWS = re.compile(r"rows: (\d+)")


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """The dbt project as one step. Names, groups, docs and columns come from the dbt files."""

    @dbt_assets(manifest=manifest, name="models", pool="duckdb")
    def models(
        context: dg.AssetExecutionContext, company_run: CompanyRun, dbt: DbtCliResource
    ) -> Iterator[Any]:
        company, as_of = company_run.settle()
        # Unit tests judge the code, not the data: `make test` runs them.
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        with dbt_environment_set(company):
            invocation = dbt.cli(
                dbt_arguments(company, as_of, arguments),
                context=context,
                target_path=company.target,
                raise_on_error=False,
            )
        story = Story()
        yield from story.told_by(invocation)
        if not invocation.is_successful():
            queries = _write_queries(invocation, story.broken, company.target / "failed")
            raise story.failure(company.reference, queries)

    return models


@dataclass
class Story:
    """What dbt says while it builds: rows per model, and what broke."""

    rows: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def told_by(self, invocation: DbtCliInvocation) -> Iterator[Any]:
        """Dagster's events, with the row count where a model reported it."""
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
                else:
                    yield told

    def failure(self, company: str, queries: Sequence[Path]) -> ChainError:
        """What broke in dbt's words, and for a test how to see the rows."""
        told = self.errors[:MOST_TOLD] or ["dbt's log says no more"]
        if len(self.errors) > MOST_TOLD:
            told.append(f"and {len(self.errors) - MOST_TOLD} more lines")
        return ChainError(
            "dbt could not build the warehouse; nothing was published.",
            where="\n         ".join(told),
            remedy=f"see the rows: pilotage query --company {company} {queries[0]}"
            if queries
            else "mend what is named, then run again",
        )

    def _note(self, event: DbtCliEventMessage) -> str:
        info, node = event.raw_event["info"], event.raw_event["data"].get("node_info", {})
        unique_id: str = node.get("unique_id", "")
        if info["name"] == "JinjaLogInfo" and (found := ROWS.fullmatch(info["msg"].strip())):
            self.rows[unique_id] = int(found[1])
        elif info["level"] == "error" and event.is_result_event:
            self.broken.append(unique_id)
        elif info["level"] == "error" and info["msg"].strip():
            # After " > " dbt lists the macros it came through; a stack trace is not for people.
            told = info["msg"].partition("Traceback (most recent call last)")[0]
            self.errors.append(" ".join(told.split()).split(" > in macro ")[0])
        return unique_id


def _write_queries(invocation: DbtCliInvocation, broken: Iterable[str], folder: Path) -> list[Path]:
    """Write the select of each broken test into the folder; what dbt compiled for itself may lie
    outside its target folder, or be overwritten, where the company lies outside the tree.
    """
    nodes = invocation.get_artifact("manifest.json")["nodes"]
    queries = []
    for node in (nodes[unique_id] for unique_id in broken):
        if node["resource_type"] == "test" and node.get("compiled_code"):
            folder.mkdir(parents=True, exist_ok=True)
            queries.append(folder / f"{node['name']}.sql")
            queries[-1].write_text(node["compiled_code"].strip() + "\n", encoding="utf-8")
    return queries
