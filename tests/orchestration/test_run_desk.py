"""A run reads the desk once: what business users edit meanwhile counts for the next run."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import dagster as dg
import duckdb
import pytest
from tiny_company import EXPORT, Tiny

from orchestration.chain import run_chain
from orchestration.company import Company, find_company
from orchestration.definitions import JOB, build_definitions
from orchestration.defs import checks
from orchestration.desk import with_desk_of_the_run, with_usable_desk
from orchestration.landing import company_as_of
from orchestration.lock import sole_writer
from orchestration.manifest import prepare_manifest
from orchestration.progress import Record
from orchestration.resources import CompanyRun

# Neither invoice has this rep: a rule that dbt had not read, but Great Expectations had, would be
# found broken by one of the two only, and stop publication.
NEW_RULE = "invoice_rep,invoices,rep_id,,,,,,,error,1,finance,finance,,r9,,,,,,Made up.\n"


@pytest.fixture
def company(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    tiny.deliver("2025-01-31", EXPORT)
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "keep_last_good_desk: true\n")
    return find_company(str(tiny.folder))


def add_rule(company: Company) -> None:
    with (company.desk / "mandatory_fields.csv").open("a", encoding="utf-8") as file:
        file.write(NEW_RULE)


def published_rules(company: Company) -> set[str]:
    with duckdb.connect(str(company.published / "marts.duckdb"), read_only=True) as reader:
        found = reader.execute("select distinct rule from marts.fct_check_results").fetchall()
    return {rule for (rule,) in found}


def check_what_is_shown(ran: dg.ExecuteInProcessResult) -> None:
    """At a glance what it published, without a deal to draw; of what each column is made."""
    published = ran.asset_materializations_for_node("published__marts")[0]
    assert "data:image" not in published.metadata["glance"].value
    built = ran.asset_materializations_for_node("models")
    visits = next(one for one in built if one.asset_key.path[-1] == "fct_stage_visits")
    made_of = visits.metadata["dagster/column_lineage"].value.deps_by_column
    (maker,) = made_of["rep_id"]
    assert (maker.asset_key.path[-1], maker.column_name) == ("int_stage_spells", "rep_id")


def test_a_rule_added_in_mid_run_counts_for_the_next_run(company, monkeypatch, call_pilotage):
    judged = checks._judge

    def edited_before_judging(*arguments: object) -> Iterator[object]:
        add_rule(company)
        return (yield from judged(*arguments))

    with monkeypatch.context() as patch, sole_writer(company):
        patch.setattr(checks, "_judge", edited_before_judging)
        chosen = with_desk_of_the_run(with_usable_desk(company))
        run_chain(chosen, company_as_of(company, ""), Record(str(uuid4())))
    assert "invoice_order" in published_rules(company)
    assert "invoice_rep" not in published_rules(company)

    # The web interface takes the desk by itself, keeps what it published with, and this time the
    # rule is there.
    job = build_definitions(company, takes_lock=True).resolve_job_def(JOB)
    ran = job.execute_in_process()  # which raises where it fails
    assert "invoice_rep" in published_rules(company)
    assert NEW_RULE in (company.last_good_desk / "mandatory_fields.csv").read_text()

    check_what_is_shown(ran)

    # `pilotage dbt` finds the desk where the run had it: dbt has no reason to read all anew.
    asked = ["dbt", "--company", company.reference, "--", "ls", "-s", "dim_reps"]
    listed = call_pilotage(company.home.parent, *asked)
    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert "dim_reps" in listed.stdout
    assert "Unable to do partial parsing" not in listed.stdout

    # Nor has the web interface, which reads the desk where people edit it.
    manifest = company.target / "manifest.json"
    written = manifest.stat().st_mtime_ns
    for desk in (company.desk, company.run_desk):
        assert prepare_manifest(replace(company, desk=desk)) == manifest
    assert manifest.stat().st_mtime_ns == written


def test_an_older_desk_that_a_run_fell_back_to_is_told_to_every_step(company):
    desk = with_desk_of_the_run(company).desk
    resource = CompanyRun(company=str(company.folder), desk=str(desk), desk_fault="no number")
    settled, _ = resource.settle()
    assert (settled.desk, settled.desk_fault) == (company.run_desk, "no number")
