"""The share of broken records over the last recorded days."""

from datetime import date, timedelta

from hand_made import Company

from expectations.trends import failed_shares


def test_the_last_eight_recorded_days_are_told(company: Company) -> None:
    company.run(
        "create table marts.fct_field_fills (entity varchar, rep_id varchar, due_count integer,"
        " missing_count integer, invalid_count integer, snapshot_date date)"
    )
    days = [company.as_of_date - timedelta(days=n) for n in range(10)]
    rows = [("contacts", "r1", 10, n, 1, day) for n, day in enumerate(days) if n != 3]
    rows += [("contacts", "r2", 10, 0, 0, day) for day in days if day != days[3]]
    rows += [("leads", "r1", 0, 0, 0, days[0]), ("contacts", "r1", 1, 1, 0, date(2026, 1, 1))]
    names = ("entity", "rep_id", "due_count", "missing_count", "invalid_count", "snapshot_date")
    company.add("marts.fct_field_fills", [dict(zip(names, row, strict=True)) for row in rows])
    assert failed_shares(company.warehouse, company.as_of_date) == {
        "mandatory_fields__contacts": (0.45, 0.4, 0.35, 0.3, 0.25, 0.15, 0.1, 0.05)
    }


def test_no_mart_no_trend(company: Company) -> None:
    assert failed_shares(company.warehouse, company.as_of_date) == {}
