"""The tables in which a publication describes itself: its marts, and the days of its history."""

CATALOGUE = "published"
DESCRIPTION = "One row per mart of this publication: its rows and the fingerprint of its content."
# Column -> data type, description.
COLUMNS = {
    "version": ("varchar", "Version of the publication: when it was written, and its content."),
    "company": ("varchar", "Company whose marts these are."),
    "run_id": ("varchar", "Run that wrote it, as the web interface names it; empty if unknown."),
    "table_name": ("varchar", "Key: name of the mart."),
    "table_hash": ("varchar", "Fingerprint of columns, types and rows; equal content, equal hash."),
    "row_count": ("bigint", "Rows of the mart."),
    "passed_check_count": ("bigint", "Results of checks on the marts that passed."),
    "warned_check_count": ("bigint", "Results that did not pass; none of them blocks."),
    "as_of_at": ("timestamp", "Instant that the marts stand at (UTC, exclusive)."),
}
HISTORY = "published_days"
HISTORY_DESCRIPTION = (
    "One row per day of the pipeline's history (fct_pipeline_snapshots), with the fingerprint that "
    "the next publication compares. Days that were rewritten and not explained want a look."
)
HISTORY_COLUMNS = {
    "day_hash": ("varchar", "Fingerprint of the day's snapshot; empty where the day is gone."),
    "is_rewritten": ("boolean", "The publication before this one told the day otherwise."),
    "is_explained": (
        "boolean",
        "Rewritten, and a version of a deal learnt since had begun by that day: late data.",
    ),
    "snapshot_date": ("date", "Key: the local day."),
}
# What describes the publication and not the business.
OWN_TABLES = (CATALOGUE, HISTORY)
