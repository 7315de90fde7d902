"""How the invoicing tool exports its tables. It knows days only."""

import numpy as np

from ingest.demo.billing import Billing
from ingest.demo.deliveries import (
    Cell,
    Export,
    by_instants,
    days,
    decimals,
    everything,
    flags,
    ids,
    labels,
    numbers,
    optional_decimals,
)
from ingest.demo.draws import DAY, NONE, Ints
from ingest.demo.names import PRODUCTS
from ingest.demo.plan import CURRENCIES

REASONS = ("goods returned", "price error", "late delivery")


def _on(day: Ints) -> Ints:
    return day * DAY


def products_export() -> Export:
    """The catalogue; some products have no known cost."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        listed = np.array([price * 100 for _, _, price, _ in PRODUCTS])
        cost = np.array([NONE if cost is None else cost * 100 for *_, cost in PRODUCTS])
        return {
            "id": ids("PRD", row),
            "name": labels([name for name, *_ in PRODUCTS], row),
            "category": labels([category for _, category, *_ in PRODUCTS], row),
            "list_price": decimals(listed[row]),
            "unit_cost": optional_decimals(cost[row]),
        }

    return Export("products", everything(np.zeros(len(PRODUCTS), dtype=np.int64)), view)


def orders_export(billing: Billing) -> Export:
    """Orders; those that just come have no opportunity."""
    orders = billing.orders

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "id": ids("ORD", row),
            "opportunity_id": ids("OPP", orders.deal[row]),
            "account_id": ids("ACC", orders.account[row]),
            "rep_id": ids("REP", orders.rep[row]),
            "currency": labels(CURRENCIES, orders.currency[row]),
            "amount_net": decimals(orders.cents[row]),
            "ordered_on": days(orders.ordered_on[row]),
        }

    return Export("orders", by_instants(_on(orders.ordered_on)), view)


def invoices_export(billing: Billing) -> Export:
    """Invoices; a dispute is known from its day on."""
    invoices, orders = billing.invoices, billing.orders

    def view(row: Ints, until: int) -> dict[str, Cell]:
        order = invoices.order[row]
        return {
            "id": ids("INV", row),
            "order_id": ids("ORD", order),
            "account_id": ids("ACC", orders.account[order]),
            "rep_id": ids("REP", orders.rep[order]),
            "kind": labels(("invoice", "deposit"), invoices.is_deposit[row]),
            "currency": labels(CURRENCIES, orders.currency[order]),
            "amount_net": decimals(invoices.cents[row]),
            "amount_tax": decimals(invoices.tax_cents[row]),
            "is_disputed": flags(_on(invoices.disputed_on[row]) < until),
            "issued_on": days(invoices.issued_on[row]),
            "due_on": days(invoices.due_on[row]),
        }

    touched = by_instants(_on(invoices.issued_on), _on(invoices.disputed_on))
    return Export("invoices", touched, view)


def lines_export(billing: Billing) -> Export:
    """Invoice lines come with their invoice."""
    lines = billing.lines

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        return {
            "invoice_id": ids("INV", lines.invoice[row]),
            "line_number": numbers(lines.number[row]),
            "product_id": ids("PRD", lines.product[row]),
            "quantity": decimals(lines.quantity[row] * 1000, 3),
            "unit_price": decimals(lines.unit_price[row], 4),
            "amount_net": decimals(lines.cents[row]),
            "unit_cost": optional_decimals(lines.unit_cost[row], 4),
        }

    issued = _on(billing.invoices.issued_on[lines.invoice])
    return Export("invoice_lines", by_instants(issued), view)


def credits_export(billing: Billing) -> Export:
    """Credit notes; one in fifty has lost its invoice number."""
    notes, orders = billing.credits, billing.orders

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        order = billing.invoices.order[notes.invoice[row]]
        return {
            "id": ids("CRN", row),
            "invoice_id": ids("INV", np.where(row % 50 == 49, NONE, notes.invoice[row])),
            "account_id": ids("ACC", orders.account[order]),
            "rep_id": ids("REP", orders.rep[order]),
            "product_id": ids("PRD", notes.product[row]),
            "currency": labels(CURRENCIES, orders.currency[order]),
            "amount_net": decimals(notes.cents[row]),
            "reason": labels(REASONS, notes.reason[row]),
            "issued_on": days(notes.issued_on[row]),
        }

    return Export("credit_notes", by_instants(_on(notes.issued_on)), view)


def payments_export(billing: Billing) -> Export:
    """Payments, allocated to their invoice."""
    payments = billing.payments

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        order = billing.invoices.order[payments.invoice[row]]
        return {
            "id": ids("PAY", row),
            "invoice_id": ids("INV", payments.invoice[row]),
            "currency": labels(CURRENCIES, billing.orders.currency[order]),
            "amount": decimals(payments.cents[row]),
            "paid_on": days(payments.paid_on[row]),
        }

    return Export("payments", by_instants(_on(payments.paid_on)), view)
