"""The names of the mirror's schemas and tables, quoted for SQL."""

from serving.fingerprints import SCHEMA
from serving.quoting import name_of

STAGING = "pilotage_staging"


def mart(table: str) -> str:
    """The mart as readers see it."""
    return f"{SCHEMA}.{name_of(table)}"


def staging(table: str) -> str:
    """Its staging table, which only the mirror sees."""
    return f"{STAGING}.{name_of(table)}"
