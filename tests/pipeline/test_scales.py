"""A half is a half, whether the source writes 50 or 0.5: the declaration says which."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.area import DBT, Area, Built, Settings, build, compiled
from tests.pipeline.crm import change, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.scenario import DAY, EXPORT

SOURCES = Path("models/staging/crm/_crm__sources.yml")
DECLARED = ('data_type: "decimal(5,2)", description: "Stated chance', "{scale: percent}")
OTHERWISE = ('data_type: "decimal(9,6)", description: "Stated chance', "{scale: fraction}")


@pytest.fixture(scope="module")
def fractions(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Area:
    """The area of a company whose CRM writes 0.5: its declaration says so, nothing else differs."""
    project = tmp_path_factory.mktemp("fractions") / "dbt_project"
    shutil.copytree(DBT, project, ignore=shutil.ignore_patterns("target", "logs"))
    text = (project / SOURCES).read_text(encoding="utf-8")
    for percent, fraction in zip(DECLARED, OTHERWISE, strict=True):
        assert text.count(percent) == 1
        text = text.replace(percent, fraction)
    (project / SOURCES).write_text(text, encoding="utf-8")
    cache = pytestconfig.cache
    assert cache is not None
    return compiled(Path(cache.mkdir("pipeline-area-of-fractions")), project)


def with_chances(area: Area, first: str, then: str) -> Built:
    one = deal(
        "half",
        "2025-01-06 09:00",
        change("2025-01-10 09:00", "probability", then),
        probability=first,
    )
    return build(area, lake([one], [instant(EXPORT)]), DESK, Settings(DAY))


def chances(built: Built) -> list[float]:
    """The chances of the versions, then that of today's record."""
    told = [*built.marts["fct_opportunity_versions"], *built.marts["fct_opportunities"]]
    return [float(row["win_probability"]) for row in told]


def test_25_and_50_on_a_scale_of_100(area: Area) -> None:
    built = with_chances(area, "25", "50")
    assert chances(built) == [0.25, 0.5, 0.5]
    assert built.failed() == []


def test_a_quarter_and_a_half_on_a_scale_of_1(fractions: Area) -> None:
    built = with_chances(fractions, "0.25", "0.5")
    assert chances(built) == [0.25, 0.5, 0.5]
    assert built.failed() == []


def test_percent_where_fractions_are_declared_fails(fractions: Area) -> None:
    failed = with_chances(fractions, "25", "50").failed()
    assert "win_probabilities_lie_between_0_and_1" in failed
    assert "the_chances_of_versions_lie_between_0_and_1" in failed


def test_fractions_where_percent_is_declared_are_told(area: Area) -> None:
    failed = with_chances(area, "0.25", "0.5").failed()
    assert failed == ["no_source_states_all_chances_below_1_percent"]
