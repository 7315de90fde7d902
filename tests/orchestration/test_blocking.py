"""What checks find: what blocks publication and what does not, and what a person is told then."""

import re

import duckdb
from tiny_company import EXPORT

ALWAYS_WRONG = """
version: 2
models:
  - name: own_numbers
    description: One row per number; the test on it cannot pass.
    columns:
      - name: number
        description: The number.
        data_tests: [{accepted_values: {arguments: {values: [1, 2], quote: false}}}]
"""


def count_invoice_lines(published) -> int:
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute("select count(*) from marts.fct_invoice_lines").fetchone()[0]


def test_a_failed_test_publishes_nothing_and_says_how_to_see_the_rows(call_pilotage, tiny):
    tiny.deliver("2025-01-10", EXPORT)
    published = tiny.data / "published/marts.duckdb"
    first = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))
    assert first.returncode == 0, first.stdout + first.stderr
    version = published.resolve()
    assert count_invoice_lines(published) == 2

    lines = [EXPORT["invoice_lines"][0], "i2;2;p1;1,000;5,0000;5,00;3,0000"]
    tiny.deliver("2025-01-11", {"invoice_lines": lines})
    models = tiny.folder / "models"
    models.mkdir()
    (models / "own_numbers.sql").write_text("select 1 as number union all select 3 as number")
    (models / "_own__models.yml").write_text(ALWAYS_WRONG)
    second = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))

    assert second.returncode == 1, second.stdout + second.stderr
    assert "Traceback" not in second.stdout + second.stderr
    assert "nothing was published" in second.stderr
    assert "accepted_values_own_numbers_number" in second.stderr
    assert "1 failed" in second.stdout
    assert published.resolve() == version
    assert count_invoice_lines(published) == 2

    query = re.search(r"pilotage (query) (--warehouse) (--company) (\S+) (\S+)", second.stderr)
    assert query, second.stderr
    rows = call_pilotage(tiny.home, *query.groups())
    assert rows.returncode == 0, rows.stderr
    assert "3" in rows.stdout


def test_a_warning_publishes_and_says_what_it_means_and_how_to_see_its_rows(call_pilotage, tiny):
    tiny.deliver("2025-01-10", EXPORT)
    waivers = tiny.folder / "desk/waivers.csv"
    header = waivers.read_text().splitlines()[0]
    waivers.write_text(
        f"{header}\nold_tool,invoice_due_date,company,,,2024-12-31,The tool was old.,finance\n"
        "no_team,invoice_due_date,team,Suoth,,2026-12-31,They do not know.,finance\n"
    )
    run = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))

    assert run.returncode == 0, run.stdout + run.stderr
    summary = run.stdout[run.stdout.index("  checks ") :]
    told = re.search(
        r"warned +no_waiver_has_run_out on \S+: 1\n +(.+)\n +rows: pilotage (.+)\n", summary
    )
    assert told, summary
    # Where no team was ever delivered, none can be told from a slip of the pen.
    assert "Suoth" not in summary
    assert "renew it on desk/waivers.csv or take it out" in told[1]
    rows = call_pilotage(tiny.home, *told[2].split())
    assert rows.returncode == 0, rows.stderr
    assert "old_tool" in rows.stdout


def test_a_check_that_cannot_be_run_says_nothing_of_the_data(call_pilotage, tiny):
    tiny.deliver("2025-01-10", EXPORT)
    models = tiny.folder / "models"
    models.mkdir()
    (models / "own_numbers.sql").write_text("select 1 as number")
    unread = ALWAYS_WRONG.replace("quote: false", "quote: false}, config: {where: no_such_column}")
    (models / "_own__models.yml").write_text(unread.replace("}}}]", "}}]"))
    run = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))

    assert run.returncode == 1, run.stdout + run.stderr
    told = re.search(r"FAILED +accepted_values_own_numbers\S+ on \S+: (.+)\n +(.+)\n", run.stdout)
    assert told, run.stdout
    assert told.groups() == (
        "not evaluated",
        "It could not be run: the message at the end says why.",
    )
    assert "no_such_column" in run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_a_full_disk_is_told_as_what_it_is(call_pilotage, tiny):
    """dbt writes what it has read to a device that is always full."""
    tiny.deliver("2025-01-10", EXPORT)
    tiny.target.mkdir(parents=True, exist_ok=True)
    manifest = tiny.target / "manifest.json"
    manifest.unlink(missing_ok=True)
    manifest.symlink_to("/dev/full")
    run = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))
    manifest.unlink()

    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stderr.strip().startswith("The disk is full")
    assert "what to do: Make room" in run.stderr
    assert "Traceback" not in run.stdout + run.stderr
