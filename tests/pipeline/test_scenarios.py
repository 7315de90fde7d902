"""The known-answer pack: every expected row was worked by hand."""

import pytest

from tests.pipeline.area import Area
from tests.pipeline.crm import change, deal
from tests.pipeline.pack import UNBELIEVABLE, Pack, build_pack, check, failed_checks
from tests.pipeline.scenario import DAY, Scenario
from tests.pipeline.scenarios import SCENARIOS


@pytest.fixture(scope="session")
def pack(area: Area) -> Pack:
    return build_pack(area)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_the_marts_hold_what_was_worked_by_hand(pack: Pack, scenario: Scenario) -> None:
    for mart, (expected, found) in check(pack[scenario.day], scenario).items():
        assert found == expected, mart


def test_no_dbt_test_finds_anything_but_the_missing_rates(pack: Pack) -> None:
    sound = {day: built.failed() for day, built in pack.items()}
    assert sound.pop(DAY) == ["every_currency_of_a_deal_has_a_plan_rate"]
    assert not any(sound.values())


def test_a_sound_deal_fails_no_check(area: Area) -> None:
    assert failed_checks(area, deal("sound", "2025-01-06 09:00")) == []


@pytest.mark.parametrize("name", UNBELIEVABLE)
def test_what_nobody_may_believe_fails_its_check(area: Area, name: str) -> None:
    assert name in failed_checks(area, UNBELIEVABLE[name])


def test_a_probability_above_1_fails_in_the_past_too(area: Area) -> None:
    mended = deal(
        "once-sure",
        "2025-01-06 09:00",
        change("2025-01-10 09:00", "probability", "50"),
        probability="150",
    )
    assert [name for name in failed_checks(area, mended) if "chances" in name]


def test_a_forecast_category_that_nobody_knows_fails(area: Area) -> None:
    novel = deal("novel", "2025-01-06 09:00", forecast_category="moonshot")
    assert [name for name in failed_checks(area, novel) if "categor" in name]
