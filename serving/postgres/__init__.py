"""The published file mirrored into a PostgreSQL, for readers that connect to a server."""
