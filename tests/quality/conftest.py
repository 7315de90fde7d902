"""The area is compiled once per session, and again only when the dbt project has changed."""

from pathlib import Path

import pytest

from tests.quality.area import QualityArea, compiled


@pytest.fixture(scope="session")
def area(pytestconfig: pytest.Config) -> QualityArea:
    cache = pytestconfig.cache
    assert cache is not None
    return compiled(Path(cache.mkdir("quality-area")))
