"""What a Dagster run is about: the company and the instant, settled once per run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from orchestration.as_of import AsOf
from orchestration.company import Company, find_company
from orchestration.dbt_settings import dbt_environment
from orchestration.landing import company_as_of


class CompanyRun(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The company (name or folder) and the day (YYYY-MM-DD; empty: of the newest delivery)."""

    company: str
    as_of: str = ""

    _settled: tuple[Company, AsOf] | None = PrivateAttr(default=None)

    def settle(self) -> tuple[Company, AsOf]:
        """The company and the instant; the same for every step of a run."""
        if self._settled is None:
            company = find_company(self.company)
            self._settled = (company, company_as_of(company, self.as_of))
        return self._settled


@contextmanager
def dbt_environment_set(company: Company) -> Iterator[None]:
    """Set what dbt reads from the environment, and put back what was there."""
    chosen = dbt_environment(company)
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
