"""Half a million invoice lines with credit notes: their reference figures, out of the marts.

The figures were worked out on the file as it is, by queries that know nothing of this project.
"""

from datetime import date
from decimal import Decimal

AS_OF = "2011-12-31"


def test_gross_credit_notes_adjustments_and_net(published):
    """G2: exact decimals, rounded once at the end."""
    row = published.row("""
        select round(sum(amount) filter (where document_kind = 'invoice'), 2),
            round(sum(amount) filter (where document_kind = 'credit_note'), 2),
            round(sum(amount) filter (where document_kind = 'adjustment'), 2),
            round(sum(amount), 2)
        from marts.fct_invoice_lines
    """)
    assert row == (
        Decimal("10655622.48"), Decimal("-896812.49"), Decimal("-11062.06"), Decimal("9747747.93"),
    )  # fmt: skip


def test_months(published):
    """G3: invoices, gross, credit notes, adjustments and net by month of issue."""
    rows = published.rows("""
        select month_start_date,
            count(distinct document_id) filter (where document_kind = 'invoice'),
            round(sum(amount) filter (where document_kind = 'invoice'), 2),
            round(sum(amount) filter (where document_kind = 'credit_note'), 2),
            round(sum(amount) filter (where document_kind = 'adjustment'), 2),
            round(sum(amount), 2)
        from marts.fct_invoice_lines inner join marts.dim_dates on issued_date = date_day
        group by month_start_date order by month_start_date
    """)
    figures = [(m, n, *(None if x is None else f"{x:.2f}" for x in money)) for m, n, *money in rows]
    assert figures == [
        (date(2010, 12, 1), 1699, "823746.14", "-74789.12", None, "748957.02"),
        (date(2011, 1, 1), 1216, "691364.56", "-131364.30", None, "560000.26"),
        (date(2011, 2, 1), 1174, "523631.89", "-25569.24", None, "498062.65"),
        (date(2011, 3, 1), 1665, "717639.36", "-34372.28", None, "683267.08"),
        (date(2011, 4, 1), 1504, "537808.62", "-44601.50", None, "493207.12"),
        (date(2011, 5, 1), 1848, "770536.02", "-47202.51", None, "723333.51"),
        (date(2011, 6, 1), 1683, "761739.90", "-70616.78", None, "691123.12"),
        (date(2011, 7, 1), 1657, "719221.19", "-37921.08", None, "681300.11"),
        (date(2011, 8, 1), 1456, "748076.32", "-54333.75", "-11062.06", "682680.51"),
        (date(2011, 9, 1), 1994, "1058590.17", "-38902.55", None, "1019687.62"),
        (date(2011, 10, 1), 2275, "1154979.30", "-84274.63", None, "1070704.67"),
        (date(2011, 11, 1), 3021, "1509496.33", "-47740.08", None, "1461756.25"),
        (date(2011, 12, 1), 869, "638792.68", "-205124.67", None, "433668.01"),
    ]


def test_counts(published):
    """G1: lines, documents, customers and countries; twins on one document are two lines."""
    row = published.row("""
        select count(*), count(distinct line_id), count(distinct document_id),
            count(distinct document_id) filter (where document_kind = 'credit_note'),
            count(*) filter (where document_kind = 'credit_note'),
            count(*) filter (where document_kind = 'adjustment'),
            count(distinct account_id), count(distinct territory),
            count(*) filter (where quantity < 0 and document_kind <> 'credit_note'),
            count(*) filter (where unit_price_doc = 0),
            count(*) filter (where unit_price_doc < 0),
            min(issued_date), max(issued_date)
        from marts.fct_invoice_lines
    """)
    assert row == (
        541909, 541909, 25900, 3836, 9288, 3, 4372, 38, 1336, 2515, 2,
        date(2010, 12, 1), date(2011, 12, 9),
    )  # fmt: skip


def test_a_quarter_of_the_lines_names_no_customer(published):
    """G1: 135,080 lines, 24.927 %. They count in every total all the same."""
    row = published.row("""
        select count(*) filter (where account_id is null),
            round(100.0 * count(*) filter (where account_id is null) / count(*), 3)
        from marts.fct_invoice_lines
    """)
    assert row == (135080, 24.927)


def test_customers_and_products_are_derived_from_the_lines(published):
    """4,372 customers and 4,070 products, each once, and no line that points to none of them."""
    row = published.row("""
        select (select count(*) from marts.dim_accounts), (select count(*) from marts.dim_products),
            count(*) filter (where account_id not in (select account_id from marts.dim_accounts)),
            count(*) filter (where product_id not in (select product_id from marts.dim_products)),
            (select product_name from marts.dim_products where product_id = '85123A')
        from marts.fct_invoice_lines
    """)
    assert row[:4] == (4372, 4070, 0, 0)
    # Named after what is sold, not after the remark on a stock correction.
    assert row[4] in ("WHITE HANGING HEART T-LIGHT HOLDER", "CREAM HANGING HEART T-LIGHT HOLDER")


def test_repeated_lines_and_lines_without_a_customer_are_reported_and_not_dropped(published):
    """G1: 5,268 lines repeat another letter by letter; 24.927 % name no customer. All of them
    count: the net of the months is that of G2."""
    row = published.row("""
        select sum(line_count), sum(exact_duplicate_count), sum(no_account_count),
            round(100.0 * sum(no_account_count) / sum(line_count), 3), round(sum(invoiced_net), 2)
        from marts.mart_invoice_gaps
    """)
    assert row == (541909, 5268, 135080, 24.927, Decimal("9747747.93"))
    kpis = published.rows("""
        select kpi_id, sum(numerator), sum(denominator) from marts.kpi_values
        where kpi_id in ('exact_duplicate_lines', 'unattributed_share')
            and level = 'company' and period_grain = 'month'
        group by kpi_id order by kpi_id
    """)
    assert kpis == [("exact_duplicate_lines", 5268, None), ("unattributed_share", 135080, 541909)]


def test_a_document_is_an_order_where_there_are_none_and_what_is_paid_is_not_known(published):
    """G1: 22,064 documents that are neither credit notes nor theirs; 4,372 customers."""
    orders, customers, net = published.row("""
        select order_count, customer_count, round(invoiced_net, 2)
        from marts.mart_baskets where period_grain = 'lifetime'
    """)
    assert (orders, customers, net) == (25900 - 3836, 4372, Decimal("9747747.93"))
    row = published.row("""
        select count(*), count(paid_amount), count(open_amount), count(days_to_pay)
        from marts.fct_invoices
    """)
    assert row == (25900 - 3836, 0, 0, 0)
