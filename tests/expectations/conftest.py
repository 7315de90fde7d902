"""Every test has a company of its own."""

from pathlib import Path

import pytest
from hand_made import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "company")
