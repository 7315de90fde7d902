"""marts.published: the table in which a publication describes itself, one row per mart."""

CATALOGUE = "published"
DESCRIPTION = "One row per mart of this publication: its rows and the fingerprint of its content."
# Column -> data type, description.
COLUMNS = {
    "version": ("varchar", "Version of the publication: when it was written, and its content."),
    "company": ("varchar", "Company whose marts these are."),
    "table_name": ("varchar", "Key: name of the mart."),
    "table_hash": ("varchar", "Fingerprint of columns, types and rows; equal content, equal hash."),
    "row_count": ("bigint", "Rows of the mart."),
    "as_of_at": ("timestamp", "Instant that the marts stand at (UTC, exclusive)."),
}
