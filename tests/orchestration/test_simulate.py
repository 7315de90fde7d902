"""`pilotage simulate` on the demo company: planted shares recovered, the company unchanged."""

import csv
import hashlib
import json

import duckdb
import pytest

from expectations.desk.objective_schemes import (
    COLUMNS,
    CURRENT,
    read_scheme_to_try,
    read_schemes,
    write_schemes,
)

REVENUE_ALONE = "alone,revenue,Revenue,result,revenue,1,,,,,,,true,"
WITHOUT_TARGET = "wide,revenue,Revenue,result,revenue,0.4,,,,,,,true,"
TYPO = "typo,services,Services,result,offer_share,1,0.1,,,,,,false,servces"
SERVICES = "wide,services,Services,result,offer_share,0.3,0.1,,,,,,false,Services"
PROPOSALS = "wide,proposals,Proposals sent,means,proposals,0.3,,,,,,,true,"


@pytest.fixture
def scheme(tmp_path):
    """A file with the given lines below the header."""

    def write(*lines):
        path = tmp_path / "scheme.csv"
        path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")
        return path

    return write


def test_the_planted_share_of_reps_attains_when_revenue_alone_counts(
    demo_run, call_pilotage, scheme
):
    planted = json.loads(demo_run.truth.read_text())["realised"]["attainment"]["revenue"]
    content = hashlib.sha256(demo_run.published.read_bytes()).hexdigest()
    path = scheme(REVENUE_ALONE, WITHOUT_TARGET, SERVICES, PROPOSALS)
    run = call_pilotage(demo_run.home, "simulate", "--scheme", str(path))

    assert run.returncode == 0, run.stdout + run.stderr
    reached, cases = planted["attained"], planted["rep_months"]
    share = f"{100 * reached / cases:.1f} %"
    assert f"alone, months: {share} attain ({reached} of {cases})" in run.stdout
    assert "wide: Proposals sent left out, no target is delivered" in run.stdout
    assert "Services left out" not in run.stdout
    report = demo_run.company_home / "reports" / "simulation_scheme.md"
    assert "## Scheme alone" in report.read_text()
    assert "## Scheme current" in report.read_text()
    assert hashlib.sha256(demo_run.published.read_bytes()).hexdigest() == content
    assert not (demo_run.company_home / "simulation").exists()


def test_a_mistyped_offer_has_no_data_and_is_not_taken_for_one_never_sold(
    demo_run, call_pilotage, scheme
):
    run = call_pilotage(demo_run.home, "simulate", "--scheme", str(scheme(TYPO)))

    assert run.returncode == 0, run.stdout + run.stderr
    assert "typo: Services left out, no product is of the category servces" in run.stdout


def test_columns_count_by_their_names_in_the_file_and_in_the_desk(tmp_path):
    """The same schemes with the columns in reverse make the same seed."""
    own, tried = REVENUE_ALONE.replace("alone", CURRENT).split(","), TYPO.split(",")
    desk, file, written = (tmp_path / name for name in ("desk.csv", "tried.csv", "written.csv"))
    for path, cells in ((desk, own), (file, tried)):
        path.write_text("\n".join(",".join(line[::-1]) for line in (COLUMNS, cells)) + "\n")
    schemes = read_schemes(desk) | read_scheme_to_try(file, [CURRENT])
    write_schemes(written, [line for criteria in schemes.values() for line in criteria])

    with written.open(newline="") as lines:
        assert list(csv.reader(lines)) == [list(COLUMNS), own, tried]


def test_planted_attainment_is_recovered_for_every_criterion(demo_run):
    """To the rep-month; a meeting at the edge of a month may fall into the next by time zone."""
    planted = json.loads(demo_run.truth.read_text())["realised"]["attainment"]
    with duckdb.connect(str(demo_run.published), read_only=True) as con:
        rows = con.sql("""
            select criterion, count(*), count(*) filter (where is_attained)
            from marts.fct_objectives where period_grain = 'month' and is_over group by criterion
        """).fetchall()
    found = {criterion: (cases, attained) for criterion, cases, attained in rows}
    assert set(found) == set(planted)
    for criterion, counts in planted.items():
        cases, attained = found[criterion]
        assert cases == counts["rep_months"]
        assert abs(attained - counts["attained"]) <= (criterion == "meetings") * 0.01 * cases


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("current,revenue,Revenue,result,revenue,1,,,,,,,true,", "is a scheme of the desk already"),
        ("mine,revenue,Revenue,result,revenu,1,,,,,,,true,", "'revenu' is no measure"),
        ("mine,revenue,Revenue,result,revenue,0.4,,,,,,,true,", "add up to 0.4"),
    ],
)
def test_a_scheme_that_cannot_be_used_is_told_with_its_line(call_pilotage, scheme, line, told):
    path = scheme(line)
    run = call_pilotage(path.parent, "simulate", "--scheme", str(path))

    assert run.returncode == 2
    assert told in run.stderr
    assert "line 2" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("name", "told"), [("", "is a folder, not a file"), ("none.csv", "is not there")]
)
def test_a_scheme_that_is_no_file_is_not_taken_for_one_of_the_desk(
    call_pilotage, tmp_path, name, told
):
    run = call_pilotage(tmp_path, "simulate", "--scheme", str(tmp_path / name))

    assert run.returncode == 2
    assert f"The scheme to try {told}." in run.stderr
    assert "Name a CSV file of schemes with the header scheme_id,criterion," in run.stderr
    assert "desk" not in run.stderr


def test_a_company_without_a_run_is_told_to_make_one(call_pilotage, scheme):
    path = scheme(REVENUE_ALONE)
    run = call_pilotage(path.parent, "simulate", "--scheme", str(path))

    assert run.returncode == 2
    assert "no run has been made" in run.stderr
    assert "pilotage run --company demo" in run.stderr
