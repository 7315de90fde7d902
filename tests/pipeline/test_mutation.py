"""The tests of the area are tested: they must see nearly every small fault in its SQL."""

import pytest

from tests.pipeline.area import Area
from tests.pipeline.mutation import report, survey


@pytest.mark.long
def test_of_a_hundred_small_faults_95_are_caught_and_the_others_excused(area: Area) -> None:
    verdicts = survey(area)
    print(report(verdicts))
    applied = [verdict for verdict in verdicts if verdict.caught_by is not None]
    survivors = [verdict.mutant for verdict in applied if not verdict.caught_by]
    assert len(applied) >= 100, report(verdicts)
    assert len(survivors) <= 0.05 * len(applied), report(verdicts)
    assert all(mutant.excuse for mutant in survivors), report(verdicts)
