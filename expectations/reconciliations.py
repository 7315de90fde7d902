"""Reconciliations: what came in is what went out, counted a second way."""

from datetime import datetime

from expectations.rules import Rule, Suite
from expectations.sql import instant_literal
from expectations.verdicts import Check

# A count that is not there must not balance.
_LOADS = """
select
    load_id as record_id,
    coalesce(delivered_rows, 0) as delivered,
    coalesce(loaded_rows + unchanged_rows + quarantined_rows, -1) as accounted
from raw.loads
where status = 'landed'
"""

# What was created after the as-of instant is not a deal yet; one without that instant must show.
_OPPORTUNITIES = """
select
    coalesce(conformed.opportunity_id, fact.opportunity_id) as record_id,
    coalesce(conformed.row_count, 0) as expected,
    coalesce(fact.row_count, 0) as found
from (
    select opportunity_id, count(*) as row_count
    from intermediate.int_opportunities_conformed
    where created_at is null or created_at < {as_of_at}
    group by opportunity_id
) as conformed
full outer join (
    select opportunity_id, count(*) as row_count
    from marts.fct_opportunities
    group by opportunity_id
) as fact
    on conformed.opportunity_id = fact.opportunity_id
"""

# Credit notes come in as printed (positive) and stand in the fact as negative lines.
_INVOICE_LINES = """
select
    coalesce(delivered.document_id, fact.document_id) as record_id,
    coalesce(delivered.line_count, 0) as expected_lines,
    coalesce(fact.line_count, 0) as found_lines,
    coalesce(delivered.amount_doc, 0) as expected_amount,
    coalesce(fact.amount_doc, 0) as found_amount
from (
    select document_id, count(*) as line_count, sum(amount_doc) as amount_doc
    from (
        select document_id, amount_doc
        from intermediate.int_invoice_lines_conformed
        union all
        select document_id, -amount_doc
        from intermediate.int_credit_notes_conformed
    ) as line
    group by document_id
) as delivered
full outer join (
    select document_id, count(*) as line_count, sum(amount_doc) as amount_doc
    from marts.fct_invoice_lines
    group by document_id
) as fact
    on delivered.document_id = fact.document_id
"""


def reconciliation_suite(check: Check, as_of_at: datetime) -> Suite:
    """Build the reconciliation of a table; as_of_at is UTC without zone, exclusive."""
    match check.entity:
        case "loads":
            return Suite(check, _LOADS, (_balanced("load", "rows", "delivered", "accounted"),))
        case "opportunities":
            rules = (_balanced("opportunity", "rows", "expected", "found"),)
            query = _OPPORTUNITIES.format(as_of_at=instant_literal(as_of_at))
            return Suite(check, query, rules)
        case "invoice_lines":
            lines = _balanced("document", "lines", "expected_lines", "found_lines")
            money = _balanced("document", "amount_doc", "expected_amount", "found_amount")
            return Suite(check, _INVOICE_LINES, (lines, money))
        case _:
            raise ValueError(f"no reconciliation of {check.entity}")


def _balanced(record: str, field: str, expected: str, found: str) -> Rule:
    text = f"Per {record}, {expected.replace('_', ' ')} and {found.replace('_', ' ')} are equal."
    return Rule("balanced", field, (expected, found), "error", text)
