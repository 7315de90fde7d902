"""What has been written must be there after the power has gone."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, written through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
