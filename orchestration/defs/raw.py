"""One asset per source that is fetched, deliveries/<source>: what it holds becomes a delivery; one
per source table, raw_<source>/<table>: deliveries -> lake; and the books."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg
import yaml

from ingest.contract import Source, Table
from ingest.errors import DeliveryError, UnreachableError
from orchestration.defs.freshness import freshness_policies
from orchestration.landing import asks_sources, drop_originals, fetch_delivery, land_table
from orchestration.places import DBT_PROJECT
from orchestration.resources import CompanyRun

if TYPE_CHECKING:
    from ingest.lake import Load

OWNER = "team:data-engineering"
RETRIES, FIRST_WAIT_SECONDS = 2, 60
LOADS = dg.AssetKey(["raw", "loads"])
DRIFT = dg.AssetKey(["raw", "drift"])
# Where dbt reads what the columns of raw.loads and raw.drift are; ingest writes them.
BOOKS = DBT_PROJECT / "models/staging/raw/_raw__sources.yml"


def raw_key(table: Table) -> dg.AssetKey:
    """The key is the relation, as dbt calls it."""
    return dg.AssetKey([f"raw_{table.source_name}", table.name])


def delivery_key(source: Source) -> dg.AssetKey:
    """What a source holds, as the delivery that was made of it."""
    return dg.AssetKey(["deliveries", source.name])


def fetched_assets(sources: Sequence[Source]) -> list[dg.AssetsDefinition]:
    """Of all sources that do not deliver by themselves, the fetching. A run without one of these
    assets lands what was fetched before."""
    return [_fetched_asset(source) for source in sources if source.is_fetched]


def raw_assets(sources: Sequence[Source]) -> list[dg.AssetsDefinition]:
    """All source tables of a company, and the books about them: raw/loads, raw/drift."""
    assets = [
        _raw_asset(source, table, policies.get(table.name))
        for source, policies in ((source, freshness_policies(source)) for source in sources)
        for table in source.tables
    ]
    keys = [asset.key for asset in assets]
    return [*assets, _loads_asset(keys), _drift_asset(sources, keys)]


def _fetched_asset(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=delivery_key(source),
        group_name=f"raw_{source.name}",
        description=f"All tables of {source.name} as they are now, or none of them. A run for a "
        "day that is over asks nobody: it is answered from what was known then.",
        kinds={"python", source.connector},
        owners=[OWNER],
        pool="lake",
    )
    def fetched(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        company = company_run.settle_to_land()
        started = time.perf_counter()
        is_asked = asks_sources(company, company_run.as_of)
        if is_asked:
            try:
                fetch_delivery(company, source)
            except UnreachableError as error:
                # The whole of it, a minute later and two minutes after that; then the run fails.
                wait = FIRST_WAIT_SECONDS * 2**context.retry_number
                raise dg.RetryRequested(RETRIES, seconds_to_wait=wait) from error
        seconds = time.perf_counter() - started
        return dg.MaterializeResult(metadata={"asked": is_asked, "seconds": seconds})

    return fetched


def _raw_asset(
    source: Source, table: Table, fresh: dg.FreshnessPolicy | None
) -> dg.AssetsDefinition:
    @dg.asset(
        key=raw_key(table),
        deps=[delivery_key(source)] if source.is_fetched else [],
        group_name=f"raw_{source.name}",
        description=table.description,
        kinds={"python", "parquet"},
        owners=[OWNER],
        metadata={"dagster/column_schema": _column_schema(table), "mode": table.terms.mode},
        freshness_policy=fresh,
        # One landing at a time: each may use ingest's scratch memory.
        pool="lake",
    )
    def raw(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        company = company_run.settle_to_land()
        started = time.perf_counter()
        loads: list[Load] = []
        try:
            land_table(company, source, table, loads.append)
        except DeliveryError:
            # What landed before it is in the lake for good.
            if loads:
                told = {**_counts(loads), "seconds": time.perf_counter() - started}
                context.log_event(dg.AssetMaterialization(raw_key(table), metadata=told))
            raise
        seconds = time.perf_counter() - started
        return dg.MaterializeResult(metadata={**_counts(loads), "seconds": seconds})

    return raw


def _counts(loads: "Sequence[Load]") -> dict[str, int]:
    return {
        "dagster/row_count": sum(load.loaded_rows for load in loads),
        "loads": len(loads),
        "unchanged_rows": sum(load.unchanged_rows for load in loads),
        "deleted_rows": sum(load.deleted_rows for load in loads),
        "quarantined_rows": sum(load.quarantined_rows for load in loads),
    }


def _loads_asset(raw_keys: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=LOADS,
        deps=raw_keys,
        group_name="raw",
        description="One row per delivery: what of it landed, was unchanged or refused. Packs the "
        "lake's files of months that are over first: what reads them opens each.",
        kinds={"python", "duckdb"},
        owners=[OWNER],
        metadata={"dagster/column_schema": _book_schema(LOADS)},
        pool="duckdb",
    )
    def loads(company_run: CompanyRun) -> dg.MaterializeResult[None]:
        from ingest.books import write_loads_table  # noqa: PLC0415 - loads DuckDB
        from ingest.compaction import compact  # noqa: PLC0415 - loads pyarrow

        company, _ = company_run.settle()
        started = time.perf_counter()
        packed = compact(company.lake)
        write_loads_table(company.lake, company.warehouse)
        return dg.MaterializeResult(
            metadata={
                "lake_files": packed.after,
                "lake_files_packed": packed.before - packed.after,
                "originals_dropped": drop_originals(company),
                "seconds": time.perf_counter() - started,
            }
        )

    return loads


def _drift_asset(sources: Sequence[Source], raw_keys: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=DRIFT,
        deps=raw_keys,
        group_name="raw",
        description="One row per thing that a load holds otherwise than those before it.",
        kinds={"python", "duckdb"},
        owners=[OWNER],
        metadata={"dagster/column_schema": _book_schema(DRIFT)},
        pool="duckdb",
    )
    def drift(company_run: CompanyRun) -> dg.MaterializeResult[None]:
        from ingest.drift import write_drift_table  # noqa: PLC0415 - loads DuckDB

        company, _ = company_run.settle()
        started = time.perf_counter()
        events = write_drift_table(sources, company.lake, company.warehouse)
        seconds = time.perf_counter() - started
        return dg.MaterializeResult(metadata={"events": events, "seconds": seconds})

    return drift


def _column_schema(table: Table) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column.name, column.data_type, description=column.description)
            for column in table.columns
        ]
    )


def _book_schema(key: dg.AssetKey) -> dg.TableSchema:
    (source,) = yaml.safe_load(BOOKS.read_text(encoding="utf-8"))["sources"]
    (book,) = (table for table in source["tables"] if table["name"] == key.path[-1])
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column["name"], column["data_type"], description=column["description"])
            for column in book["columns"]
        ]
    )
