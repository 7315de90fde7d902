"""kpis.csv: the figures that the business reads, and from which value on somebody is told."""

from pathlib import Path

from expectations.desk_files import read_rows

FILE = "kpis.csv"
# What an alert about one of them is about.
ENTITY = "kpi_values"
LIMITS = ("warn_at", "alert_at")


def limited_kpis(desk: Path) -> set[str]:
    """The KPIs with a limit. Raises ExpectationsError for a file that cannot be read."""
    return {
        row["kpi_id"].text
        for row in read_rows(desk / FILE, ("kpi_id", *LIMITS))
        if any(row[limit].text for limit in LIMITS)
    }
