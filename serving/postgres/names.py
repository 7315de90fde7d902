"""The names of the mirror's schemas and tables, quoted for SQL."""

from serving.fingerprints import SCHEMA

STAGING = "pilotage_staging"


def name_of(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def mart(table: str) -> str:
    """The mart as readers see it."""
    return f"{SCHEMA}.{name_of(table)}"


def staging(table: str) -> str:
    """Its staging table, which only the mirror sees."""
    return f"{STAGING}.{name_of(table)}"
