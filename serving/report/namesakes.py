"""Reps of one name: a chart that goes by names would draw them as one."""

from collections.abc import Sequence

from serving.report.marts import Row


def told_apart(rows: Sequence[Row], name: str = "rep_name") -> list[Row]:
    """The rows, with the key of the rep beside each name that more than one of them has."""
    reps: dict[str, set[str]] = {}
    for row in rows:
        reps.setdefault(row[name], set()).add(row["rep_id"])
    shared = {shown for shown, keys in reps.items() if len(keys) > 1}
    return [
        {**row, name: f"{row[name]} ({row['rep_id']})"} if row[name] in shared else row
        for row in rows
    ]
