"""The published file mirrored into a PostgreSQL, for readers that connect to a server."""

# Environment variables: the address, a secret; and the role that may read, where it is not READER.
ADDRESS_VARIABLE = "PILOTAGE_POSTGRES"
READER_VARIABLE = "PILOTAGE_POSTGRES_READER"
READER = "pilotage_reader"
