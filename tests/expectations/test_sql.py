"""Names and texts written into SQL come back as they were."""

import duckdb
import pytest
from hand_made import Company

from expectations.sql import identifier, text_literal


@pytest.mark.parametrize("text", ["", "plain", "it's", ":-(", "::", "a:b:c", "'", "':'", "\\", '"'])
def test_a_text_is_read_back(text: str) -> None:
    literal = text_literal(text)
    assert duckdb.sql(f"select {literal}").fetchone() == (text,)
    assert ":" not in literal


@pytest.mark.parametrize("name", ["amount_doc", "order", "Amount", "a b", 'x"y', "1st"])
def test_a_name_is_read_back(name: str) -> None:
    assert duckdb.sql(f"select 1 as {identifier(name)}").columns == [name]


def test_plain_names_need_no_quotes_in_a_shell() -> None:
    assert identifier("amount_doc") == "amount_doc"


def test_the_rows_query_of_a_finding_shows_the_rows(company: Company) -> None:
    company.run(
        "insert into raw.loads values"
        " ('l1', 2, 1, 0, 0, 0, 'landed'), ('l2', 2, 2, 0, 0, 0, 'landed')"
    )
    (finding,) = company.judge_one("reconciliation__loads").findings
    assert '"' not in finding.rows_query
    with duckdb.connect(str(company.warehouse), read_only=True) as con:
        assert con.sql(finding.rows_query).fetchall() == [("l1", 2, 1)]
