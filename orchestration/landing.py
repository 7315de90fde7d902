"""Deliveries -> lake for one company: the calls into ingest, without Dagster."""

import shutil
from datetime import UTC, datetime

from ingest.contract import Source, read_source
from ingest.errors import PilotageError
from orchestration.as_of import AsOf, end_of_day, read_day, resolve_as_of
from orchestration.company import Company

DEMO_SEED = 20260101


def company_sources(company: Company) -> list[Source]:
    """The declarations of the company's enabled sources. Raises ContractError."""
    return [read_source(path) for path in company.declarations().values()]


def write_demo_deliveries(company: Company, scale: float) -> bool:
    """Let the simulator write the demo company's deliveries; at once where they are there.

    Returns whether another demo company lay there before (another scale, say): its lake is then
    removed, for two invented pasts do not fit together.
    """
    from ingest.demo import write_deliveries  # noqa: PLC0415 - loads numpy and pandas

    truth = company.deliveries / "truth.json"
    before = truth.read_bytes() if truth.is_file() else None
    write_deliveries(company.deliveries, scale=scale, seed=DEMO_SEED)
    is_another = before is not None and truth.read_bytes() != before
    if is_another and company.lake.exists():
        shutil.rmtree(company.lake)
    return is_another


def company_as_of(company: Company, text: str | None) -> AsOf:
    """The instant that a run of the company stands at. Raises AsOfError, DeliveryError."""

    from ingest.loads import newest_extraction, oldest_extraction  # noqa: PLC0415 - loads pyarrow

    sources = company_sources(company)
    oldest = oldest_extraction(sources, company.lake, company.deliveries)
    newest = newest_extraction(sources, company.lake, company.deliveries)
    if oldest is None or newest is None:
        raise PilotageError(
            f"The company {company.name!r} has no delivery yet.",
            where=str(company.deliveries),
            remedy="Put the first export there, laid out as the sources.yml say"
            + ("; or run `pilotage demo-deliveries`." if company.is_demo else "."),
        )
    return resolve_as_of(text, company.business_tz, _naive(oldest), _naive(newest))


def asked_or_newest(company: Company, text: str) -> AsOf:
    """Like company_as_of, but a day that is asked for need not have seen a delivery."""
    if text:
        return end_of_day(read_day(text), company.business_tz)
    return company_as_of(company, text)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
