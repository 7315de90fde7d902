"""The address of the mirror, looked at before a run: else it would be told of after minutes."""

import os

from ingest.errors import PilotageError
from serving.postgres import ADDRESS_VARIABLE


def check_mirror_address() -> None:
    """Raise PilotageError where the mirror's address is none; its form alone, no connection."""
    address = os.environ.get(ADDRESS_VARIABLE)
    if not address:
        return
    from serving.postgres.errors import MirrorError  # noqa: PLC0415 - loads psycopg
    from serving.postgres.session import address_parts  # noqa: PLC0415

    try:
        address_parts(address)
    except MirrorError as error:
        raise PilotageError(error.what, where=error.where, remedy=error.remedy) from None
