"""Dagster's way in: the whole chain of one company (COMPANY, AS_OF; none set: the demo, newest)."""

import os

import dagster as dg

from orchestration.company import Company, find_company
from orchestration.defs.automation import BY_THEMSELVES, JOB, automation, company_job
from orchestration.defs.checks import ALERTS, CHECK_RESULTS, check_results, company_checks
from orchestration.defs.followers import followers
from orchestration.defs.models import dbt_models
from orchestration.defs.notices import NOTICES, notices_sent
from orchestration.defs.publish import PUBLISHED, published_marts
from orchestration.defs.raw import LOADS, fetched_assets, raw_assets
from orchestration.landing import company_sources
from orchestration.manifest import prepare_manifest
from orchestration.places import DBT_PROJECT, dbt_for_dagster_executable
from orchestration.resources import CompanyRun, Dbt
from orchestration.telemetry import switch_off

LANDING = "landing"


def build_definitions(
    company: Company,
    as_of: str = "",
    progress: dg.LoggerDefinition | None = None,
    *,
    takes_lock: bool = False,
) -> dg.Definitions:
    """All assets, checks and the chain as a job. as_of: YYYY-MM-DD; empty: the newest delivery's.

    progress: a logger for runs that ask for it by name, beside Dagster's own.
    takes_lock: each run takes the company's lock itself, fetches and lands; False where the caller
    holds it, who has fetched and landed.

    One process and one writer: DuckDB lets a single process write, and a step of its own would
    spend longer importing than working.
    """
    models = dbt_models(prepare_manifest(company))
    marts = sorted(key for key in models.keys if key.path[0] == "marts")
    sources = company_sources(company)
    raw = raw_assets(sources)
    landed = dg.AssetSelection.assets(*(asset.key for asset in raw)).without_checks()
    chain = dg.AssetSelection.all() - (BY_THEMSELVES if takes_lock else landed)
    checks = company_checks(company, {*models.keys, LOADS})
    whole = dg.Definitions(
        assets=[
            *(fetched_assets(sources) if takes_lock else []),
            *raw,
            models,
            check_results(checks, sorted(models.keys)),
            published_marts([*marts, CHECK_RESULTS, ALERTS]),
            notices_sent(PUBLISHED),
            followers([PUBLISHED, NOTICES]),
        ],
        jobs=[company_job(company, JOB, chain, "From deliveries to marts.")],
        resources={
            "company_run": _company_run(company, as_of, takes_lock=takes_lock),
            "dbt": Dbt(
                project_dir=str(DBT_PROJECT),
                profiles_dir=str(DBT_PROJECT),
                dbt_executable=dbt_for_dagster_executable(),
            ),
        },
        executor=dg.in_process_executor,
        loggers={"progress": progress} if progress else {},
    )
    # `pilotage run` is begun by somebody, and tells of its own failures, also of those before and
    # after the job.
    return dg.Definitions.merge(whole, automation(company, sources)) if takes_lock else whole


def landing_definitions(
    company: Company, as_of: str, progress: dg.LoggerDefinition
) -> dg.Definitions:
    """What lands, and its job: none of it needs anything of dbt. The caller holds the lock."""
    return dg.Definitions(
        assets=raw_assets(company_sources(company)),
        jobs=[dg.define_asset_job(LANDING, selection="*", description="From deliveries to lake.")],
        resources={"company_run": _company_run(company, as_of, takes_lock=False)},
        executor=dg.in_process_executor,
        loggers={"progress": progress},
    )


def _company_run(company: Company, as_of: str, *, takes_lock: bool) -> CompanyRun:
    return CompanyRun(
        company=str(company.folder),
        as_of=as_of,
        takes_lock=takes_lock,
        desk="" if takes_lock else str(company.desk),
        desk_fault=company.desk_fault,
    )


switch_off()


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster dev` and `dg` load. Nobody holds the lock for their runs."""
    company = find_company(os.environ.get("COMPANY") or "demo")
    return build_definitions(company, os.environ.get("AS_OF", ""), takes_lock=True)
