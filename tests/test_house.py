"""Rules of the house that no linter knows. Each test's name is the rule."""

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DBT = ROOT / "dbt_project"
MODELS = sorted(DBT.glob("models/**/*.sql"))
COMPANY_MODELS = sorted(ROOT.glob("tests/acceptance/*/models/**/*.sql"))
MARTS = [path for path in MODELS if "marts" in path.parts and "subjects" not in path.parts]
YAML_FILES = [*DBT.glob("models/**/*.yml"), *ROOT.glob("tests/acceptance/*/models/**/*.yml")]
ROOMS = ("ingest", "expectations", "serving", "orchestration")
PYTHON = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]


@cache
def described() -> dict[str, dict]:
    """Model name -> its properties, out of every YAML file."""
    found = {}
    for path in YAML_FILES:
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            found[model["name"]] = model
    return found


def bare(sql: str) -> str:
    """SQL without its comments: what engines and rules look at."""
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", sql, flags=re.S)


def texts(code: str) -> Iterator[str]:
    """The texts in a module's code, docstrings apart; {} where an f-string is filled in."""
    tree = ast.parse(code)
    docstrings, parts = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts.update(node.values)
            known = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield "".join(known)
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and node not in docstrings | parts:
            yield node.value


def titles(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


@pytest.mark.parametrize("path", MODELS + COMPANY_MODELS, ids=lambda path: path.stem)
def test_a_model_is_named_after_its_layer(path: Path) -> None:
    layer = path.relative_to(next(p for p in path.parents if p.name == "models")).parts[0]
    rule = {
        "staging": rf"stg_{path.parent.name}__\w+",
        "intermediate": r"int_\w+",
        "marts": r"(dim|fct|mart|kpi|metrics)_\w+",
    }[layer]
    assert re.fullmatch(rule, path.stem), f"{path.stem} is no name for {layer}: {rule}"


@pytest.mark.parametrize("path", MODELS + COMPANY_MODELS, ids=lambda path: path.stem)
def test_a_model_is_described_grain_first(path: Path) -> None:
    description = described().get(path.stem, {}).get("description", "")
    assert description.strip().startswith("One row per"), f"{path.stem}: {description!r}"


@pytest.mark.parametrize("path", MARTS, ids=titles(MARTS))
def test_a_mart_describes_every_column_with_its_type(path: Path) -> None:
    columns = described()[path.stem].get("columns", [])
    assert columns
    assert [c["name"] for c in columns if not c.get("description") or not c.get("data_type")] == []


@pytest.mark.parametrize("path", MARTS, ids=titles(MARTS))
def test_a_mart_states_its_key(path: Path) -> None:
    tests = described()[path.stem].get("data_tests", [])
    assert any("primary_key" in test for test in tests), f"{path.stem} has no primary_key test"


def test_every_mart_has_its_contract_enforced() -> None:
    """In dbt_project.yml, once for all marts; nothing sets it otherwise, but for the subjects."""

    def contracts(
        settings: dict, folder: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], bool]]:
        if "+contract" in settings:
            yield folder, settings["+contract"]["enforced"]
        for name, inner in settings.items():
            if isinstance(inner, dict) and not name.startswith("+"):
                yield from contracts(inner, (*folder, name))

    project = yaml.safe_load((DBT / "dbt_project.yml").read_text())["models"]["pilotage"]
    assert dict(contracts(project, ())) == {
        ("marts",): True,
        ("marts", "kpi", "subjects"): False,
    }
    word = re.compile(r"\bcontract\b['\"]? *[:=]")
    files = [*MODELS, *COMPANY_MODELS, *YAML_FILES]
    assert [path.name for path in files if word.search(path.read_text())] == []


def test_a_model_is_short_enough_to_be_read() -> None:
    long = {p.name: n for p in MODELS if (n := len(p.read_text().splitlines())) > 150}
    assert long == {}


def test_only_staging_reads_sources() -> None:
    outside = [p for p in MODELS + COMPANY_MODELS if "staging" not in p.parts]
    assert [p.name for p in outside if "source(" in bare(p.read_text())] == []


def test_a_built_in_source_is_enabled_by_the_companies_that_name_it() -> None:
    project = yaml.safe_load((ROOT / "dbt_project/dbt_project.yml").read_text(encoding="utf-8"))
    staging = project["models"]["pilotage"]["staging"]
    # The folder raw tells of what ingest keeps for any company.
    sources = {path.name for path in (DBT / "models/staging").iterdir()} - {"raw"}
    assert {name: f"'{name}' in var('sources'" in str(staging.get(name)) for name in sources} == (
        dict.fromkeys(sources, True)
    )


def test_staging_neither_joins_nor_filters() -> None:
    """A company's own staging may look up what its export only mentions by key."""
    staging = [p for p in MODELS if "staging" in p.parts]
    word = re.compile(r"\b(join|where|group by|having)\b")
    assert [p.name for p in staging if word.search(bare(p.read_text()))] == []


def test_nothing_reads_the_clock() -> None:
    clock = re.compile(r"\b(current_date|current_timestamp|now\(\)|today\(\)|get_current_time)")
    sql = [*MODELS, *COMPANY_MODELS, *DBT.glob("macros/**/*.sql"), *DBT.glob("tests/**/*.sql")]
    assert [p.name for p in sql if clock.search(bare(p.read_text()))] == []


@pytest.mark.parametrize("path", MODELS + COMPANY_MODELS, ids=lambda path: path.stem)
def test_a_model_uses_portable_sql(path: Path) -> None:
    """warehouse.md, section 5: engine differences stand in macros/engine/ and nowhere else."""
    only_duckdb = re.compile(
        r"\basof\b|generate_series|\bunnest\(|\blist\(|\barg_(max|min)\(|quantile_cont"
        r"|\bstrftime\(|\bepoch|regexp_matches|json_extract|\bpivot\b|\bdate_diff\("
        r"|\bexclude\s*\(|\bstruct_pack|\bread_(csv|parquet)"
    )
    assert only_duckdb.findall(bare(path.read_text())) == []


def test_a_macro_is_short() -> None:
    """The exceptions are whole queries that several models share."""
    queries = {"attributes_dated", "conformed", "daily_balances"}
    long = {}
    for path in DBT.glob("macros/**/*.sql"):
        for name, body in re.findall(
            r"\{%-?\s*macro (\w+)(.*?)endmacro", path.read_text(), flags=re.S
        ):
            if name not in queries and len(body.splitlines()) > 40:
                long[name] = len(body.splitlines())
    assert long == {}


def test_python_rooms_have_names() -> None:
    nameless = {"utils", "helpers", "common", "misc", "manager"}
    assert [p for p in PYTHON if p.stem in nameless] == []


def test_a_module_is_short_enough_to_be_read() -> None:
    assert {p.name: n for p in PYTHON if (n := len(p.read_text().splitlines())) > 320} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_defined_and_never_used(room: str) -> None:
    """Neither in its own module nor anywhere else, tests included. What is decorated is used."""
    code = [*PYTHON, *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/*.py")]
    words = Counter(word for path in code for word in re.findall(r"\w+", path.read_text()))
    dead = []
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            elif isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
                names = [node.name]
            else:
                names = []
            dead += [f"{path.name}: {name}" for name in names if words[name] == 1]
    assert dead == []


def test_orchestration_holds_no_sql_and_no_pandas() -> None:
    """DuckDB is opened to see that nobody else has it open, and for a person's own query."""
    sql = re.compile(
        r"\s*(select\b.+\bfrom\b|with \w+ as \(|insert into|update \S+ set|delete from|copy \("
        r"|attach '|(create|alter|drop)( or replace)?( temp\w*)? (table|view|schema|macro)\b)",
        flags=re.S | re.I,
    )
    thin = [p for p in PYTHON if "orchestration" in p.parts]
    assert [f"{p.name}: {t}" for p in thin for t in texts(p.read_text()) if sql.match(t)] == []
    imports = re.compile(r"^ *(import|from) (pandas|duckdb)\b", re.M)
    importing = {p.name for p in thin if imports.search(p.read_text())}
    assert importing <= {"lock.py", "asking.py", "query_commands.py"}


def test_every_company_has_the_whole_desk() -> None:
    seeds = yaml.safe_load((DBT / "models/desk/_desk__seeds.yml").read_text())["seeds"]
    expected = {seed["name"]: list(seed["config"]["column_types"]) for seed in seeds}
    companies = [*(DBT / "companies").iterdir(), *(ROOT / "tests/acceptance").glob("*/")]
    for company in (c for c in companies if (c / "company.yml").is_file()):
        found = {}
        for path in (company / "desk").glob("*.csv"):
            with path.open(newline="", encoding="utf-8") as lines:
                found[path.stem] = next(csv.reader(lines))
        assert found == expected, company.name


def test_the_exposure_of_the_report_names_the_marts_that_the_report_reads() -> None:
    exposures = yaml.safe_load((DBT / "models/marts/_marts__exposures.yml").read_text())[
        "exposures"
    ]
    (report,) = (exposure for exposure in exposures if exposure["name"] == "report")
    told = {re.sub(r"\W", "", ref.removeprefix("ref")) for ref in report["depends_on"]}
    code = " ".join(path.read_text() for path in (ROOT / "serving/report").glob("*.py"))
    assert told == set(titles(MARTS)) & set(re.findall(r"\w+", code))


def test_the_readme_names_no_target_that_make_does_not_have() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert named <= targets


def test_every_mart_answers_a_question_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [p.stem for p in MARTS if f"`{p.stem}`" not in readme] == []


def desk_kpis() -> set[str]:
    """The KPIs of the demo's desk, which has all that there are."""
    with (DBT / "companies/demo/desk/kpis.csv").open(newline="", encoding="utf-8") as lines:
        return {row["kpi_id"] for row in csv.DictReader(lines)}


def test_every_kpi_has_a_hand_worked_example() -> None:
    """A row that a unit test of the model which computes it expects."""
    expected = ""
    for path in YAML_FILES:
        for test in (yaml.safe_load(path.read_text()) or {}).get("unit_tests", []):
            if test["model"].startswith("kpi_") and test["model"] != "kpi_values":
                expected += str(test["expect"])
    assert sorted(desk_kpis() - set(re.findall(r"\w+", expected))) == []


def test_every_measure_is_a_kpi_or_says_where_else_it_is() -> None:
    """docs/kpis.md: every KPI of the desk, none besides, and marts that there are."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs/kpis.md").read_text().splitlines()
        if line.startswith("|")
    ][2:]
    assert [measure for measure, kpis, reason in rows if not kpis and not reason] == []
    named = {name for _, kpis, _ in rows for name in re.findall(r"`(\w+)`", kpis)}
    assert named == desk_kpis()
    marts = {name for _, _, reason in rows for name in re.findall(r"`(\w+)`", reason)}
    assert marts <= {path.stem for path in MARTS}
