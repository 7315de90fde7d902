"""What a Dagster run is about: the company and the instant, settled once per run."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from dagster_dbt.compat import DBT_PYTHON_VERSION
from pydantic import PrivateAttr

from orchestration.as_of import AsOf
from orchestration.company import Company, find_company
from orchestration.dbt_settings import dbt_environment
from orchestration.desk import with_desk_of_the_run, with_usable_desk
from orchestration.landing import asks_sources, company_as_of, take_from_inbox
from orchestration.lock import sole_writer


class CompanyRun(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The company (name or folder) and the day (YYYY-MM-DD; empty: of the newest delivery).

    takes_lock: hold the company's lock as long as the run lasts; a run that finds it held fails at
    once with BusyError. Not for a run whose process holds it already (`pilotage run`).
    desk: where that process has put the desk of the run, and desk_fault why it is an older one;
    empty: the run takes the desk as it is when the first step asks for it.
    """

    company: str
    as_of: str = ""
    takes_lock: bool = False
    desk: str = ""
    desk_fault: str = ""

    _company: Company | None = PrivateAttr(default=None)
    _as_of: AsOf | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["CompanyRun"]:
        """Called by Dagster around all steps of a run: they share one process, hence one lock."""
        with ExitStack() as held:
            if self.takes_lock:
                company = find_company(self.company)
                held.enter_context(sole_writer(company))
                assert context.log is not None, "Dagster gives every run one"
                for name, reason in take_from_inbox(company):
                    context.log.warning("left in the inbox: %s: %s", name, reason)
            yield self

    def settle(self) -> tuple[Company, AsOf]:
        """The company and the instant; the same for every step of a run."""
        if self._as_of is None:
            self._as_of = company_as_of(find_company(self.company), self.as_of)
        return self._settled_company(), self._as_of

    def settle_to_land(self) -> Company:
        """The company, for the steps that fetch and land.

        The instant is settled with it where the run fetches nothing; else what is the newest
        delivery is not known before all sources were asked.
        """
        company = self._settled_company()
        return company if asks_sources(company, self.as_of) else self.settle()[0]

    def _settled_company(self) -> Company:
        if self._company is None:
            self._company = self._with_desk(find_company(self.company))
        return self._company

    def _with_desk(self, company: Company) -> Company:
        if self.desk:
            return replace(company, desk=Path(self.desk), desk_fault=self.desk_fault)
        return with_desk_of_the_run(with_usable_desk(company))


class Dbt(DbtCliResource):
    """dbt in a process of its own, and nothing of it in this one.

    Dagster would start dbt once more to ask for its version, and load an adapter to look into the
    warehouse for columns and rows, which the models' files and dbt's own words tell: four seconds
    of every run.
    """

    @cached_property
    def _cli_version(self) -> Any:
        return DBT_PYTHON_VERSION

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


@contextmanager
def dbt_environment_set(company: Company, as_of: AsOf) -> Iterator[None]:
    """Set what dbt reads from the environment, and put back what was there."""
    chosen = dbt_environment(company, as_of)
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
