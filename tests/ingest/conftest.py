"""Every test has a shop of its own."""

from pathlib import Path

import pytest
from delivered import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")
