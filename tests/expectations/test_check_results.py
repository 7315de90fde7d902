"""The book of verdicts: marts.fct_check_results."""

import duckdb
from hand_made import Company

from expectations.results import write_check_results
from expectations.verdicts import RECORD_IDS_KEPT


def write(company: Company) -> int:
    verdicts = company.judge().values()
    return write_check_results(company.warehouse, verdicts, company.as_of_at, company.as_of_date)


def read(company: Company, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(company.warehouse), read_only=True) as con:
        return con.sql(sql).fetchall()


def spoil(company: Company) -> None:
    company.run(
        "insert into raw.loads values"
        " ('l1', 2, 1, 0, 0, 0, 'landed'), ('l2', 2, 1, 0, 0, 1, 'landed')"
    )
    company.run(
        "insert into intermediate.int_contacts_conformed"
        " (contact_id, email)"
        " select 'c' || lpad(i::varchar, 2, '0'), if(i % 3 = 0, 'n/a', 'me@example.com')"
        " from range(90) r(i)"
    )
    company.run(
        "insert into marts.fct_field_violations select 'email', contact_id, true"
        " from intermediate.int_contacts_conformed where email = 'n/a'"
    )
    company.run("drop table marts.fct_opportunities")


def test_a_row_says_what_was_found_where_and_when(company: Company) -> None:
    spoil(company)
    write(company)
    rows = read(
        company,
        "select check_result_id, rule, schema_name, table_name, field, severity, status,"
        " record_ids, evaluated_count, failed_count, failed_share, is_blocking,"
        " cast(as_of_date as varchar), cast(as_of_at as varchar)"
        " from marts.fct_check_results where status <> 'passed' order by all",
    )
    when = ("2025-12-31", "2025-12-31 23:00:00")
    first_twenty = ",".join(f"c{3 * n:02}" for n in range(RECORD_IDS_KEPT))
    assert rows == [
        ("mandatory_fields__contacts/email/email", "email", "intermediate",
         "int_contacts_conformed", "email", "warn", "warned", first_twenty, 90, 30, 30 / 90, False,
         *when),
        ("reconciliation__loads/rows/balanced", "balanced", "raw", "loads", "rows", "error",
         "failed", "l1", 2, 1, 0.5, True, *when),
        ("reconciliation__opportunities", "", "marts", "fct_opportunities", "", "error",
         "not_evaluated", "", 0, 0, None, True, *when),
    ]  # fmt: skip


def test_every_rule_has_one_row_in_the_order_of_its_key(company: Company) -> None:
    written = write(company)
    ids = read(company, "select check_result_id from marts.fct_check_results")
    assert len(ids) == written
    assert ids == sorted(set(ids))


def test_writing_twice_leaves_the_same_table(company: Company) -> None:
    spoil(company)
    write(company)
    first = read(company, "from marts.fct_check_results")
    write(company)
    assert read(company, "from marts.fct_check_results") == first


def test_no_value_of_a_record_is_kept(company: Company) -> None:
    spoil(company)
    write(company)
    rows = read(company, "from marts.fct_check_results")
    assert "me@example.com" not in str(rows)
    assert "n/a" not in str(rows)


def test_the_table_and_every_column_say_what_they_are(company: Company) -> None:
    write(company)
    undescribed = read(
        company,
        "select column_name from duckdb_columns()"
        " where table_name = 'fct_check_results' and comment is null"
        " union all select table_name from duckdb_tables()"
        " where table_name = 'fct_check_results' and comment not like 'One row per %'",
    )
    assert undescribed == []
