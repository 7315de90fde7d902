"""The demo company: a seeded simulator of a sales force that writes deliveries, not tables.

What it plants (biases, rates, a collapse) is written to truth.json beside the deliveries, so
that a test can ask the marts to find it again.
"""

from ingest.demo.simulation import (
    first_extraction,
    identity,
    last_extraction,
    write_deliveries,
)
from ingest.demo.truth import Truth

__all__ = ["Truth", "first_extraction", "identity", "last_extraction", "write_deliveries"]
