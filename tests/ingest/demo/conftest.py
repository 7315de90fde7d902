"""One small demo company for all tests of this folder."""

import pytest
from demo_company import Company

from ingest.demo import write_deliveries


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("demo")
    return Company(folder, write_deliveries(folder, scale=0.3))
