"""How the CRM exports its tables: reps, accounts, contacts, leads, opportunities and their log."""

import numpy as np

from ingest.demo import changelog as log
from ingest.demo.births import Deals, Leads
from ingest.demo.deliveries import (
    Cell,
    Export,
    by_instants,
    days,
    decimals,
    everything,
    ids,
    instants,
    known,
    labels,
    latest,
    numbers,
    optional_decimals,
    texts,
)
from ingest.demo.draws import DAY, NEVER, NONE, Ints
from ingest.demo.names import (
    BUDGETS,
    COMPANY_FORMS,
    COMPANY_HEADS,
    COMPANY_TAILS,
    COMPETITORS,
    DEAL_KINDS,
    DECISION_MAKERS,
    FIRST_NAMES,
    INDUSTRIES,
    LAST_NAMES,
    LOSS_REASONS,
    NEXT_STEPS,
    PLACEHOLDERS,
)
from ingest.demo.plan import (
    CATEGORIES,
    CHANNELS,
    CURRENCIES,
    LOST,
    SEGMENTS,
    STAGES,
    TEAM_ZONES,
    TEAMS,
    TERRITORIES,
    TERRITORY_COUNTRIES,
)
from ingest.demo.world import Accounts, Contacts, Reps, Seats

STATED_TEXTS = {
    log.STAGE: STAGES,
    log.CURRENCY: CURRENCIES,
    log.CATEGORY: CATEGORIES,
    log.NEXT_STEP: NEXT_STEPS + PLACEHOLDERS,
    log.COMPETITOR: COMPETITORS + PLACEHOLDERS,
    log.DECISION_MAKER: DECISION_MAKERS + PLACEHOLDERS,
    log.BUDGET: BUDGETS + PLACEHOLDERS,
    log.IS_DELETED: ("false", "true"),
}
LEAD_STATUSES = ("new", "routed", "qualified", "converted", "discarded")


def reps_export(reps: Reps) -> Export:
    """The sales force as known then."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        team = reps.team[row]
        name = texts(
            "{0} || ' ' || {1}",
            labels(FIRST_NAMES, row * 7 % 40),
            labels(LAST_NAMES, (row * 11 + row // 40) % 40),
        )
        left_known = reps.left_on[row] * DAY < until
        return {
            "id": ids("REP", row),
            "name": name,
            "email": texts("lower(replace({0}, ' ', '.')) || '@sales.example'", name),
            "team": labels(TEAMS, np.where(row == 0, NONE, team)),
            "manager_id": ids("REP", reps.manager[row]),
            "territory": labels(TERRITORIES, np.where(row == 0, NONE, reps.territory[row])),
            "seniority": labels(("junior", "confirmed", "senior"), reps.seniority[row]),
            "time_zone": labels(TEAM_ZONES, team),
            "hired_on": days(reps.hired_on[row]),
            "left_on": days(np.where(left_known, reps.left_on[row], NEVER)),
        }

    return Export("reps", everything(reps.known_at), view)


def company_names(code: Ints) -> Cell:
    """Made-up company names, some with a comma or an ampersand in them."""
    tail = code // len(COMPANY_HEADS)
    return texts(
        "{0} || ' ' || {1} || coalesce({2}, '')",
        labels(COMPANY_HEADS, code % len(COMPANY_HEADS)),
        labels(COMPANY_TAILS, tail % len(COMPANY_TAILS)),
        labels(COMPANY_FORMS, tail // len(COMPANY_TAILS)),
    )


def accounts_export(accounts: Accounts, seats: Seats) -> Export:
    """Accounts as known then: the segment of the day; the owner is who sits on the seat."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        seat, territory = accounts.seat[row], accounts.territory[row]
        instant = np.full(len(row), until - 1)
        country = tuple(sorted(set(TERRITORY_COUNTRIES)))
        code = np.array([country.index(name) for name in TERRITORY_COUNTRIES])
        created, moved = accounts.created_at[row], accounts.resegmented_at[row]
        return {
            "id": ids("ACC", row),
            "name": company_names(accounts.name[row]),
            "segment": labels(SEGMENTS, accounts.segment_at(row, until)),
            "industry": labels(INDUSTRIES, accounts.industry[row]),
            "territory": labels(TERRITORIES, territory),
            "country": labels(country, code[territory]),
            "employees": numbers(accounts.employees[row]),
            "owner_id": ids("REP", seats.rep_at(seat, instant)),
            "machine_park_size": numbers(accounts.machine_park[row]),
            "created_at": instants(created),
            "updated_at": instants(latest(until, created, seats.switch_at[seat], moved)),
        }

    return Export("accounts", everything(accounts.created_at), view)


def contacts_export(contacts: Contacts) -> Export:
    """Contacts; that somebody left is known some weeks later."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        first = labels(FIRST_NAMES, contacts.first_name[row])
        last = labels(LAST_NAMES, contacts.last_name[row])
        address = texts(
            "case {3} when 1 then lower({0} || '.' || {1}) || '@acc' || {2} || '.example' "
            "when 2 then 'test' end",
            first,
            last,
            numbers(contacts.account[row] + 1),
            numbers(contacts.has_email[row]),
        )
        phone = texts(
            "case {1} when 1 then '+33 1 99 00 ' || lpad(({0} % 100)::varchar, 2, '0') || ' '"
            " || lpad(({0} // 100 % 100)::varchar, 2, '0') when 2 then 'n/a' end",
            numbers(row),
            numbers(contacts.has_phone[row]),
        )
        gone_at, created = contacts.left_known_at[row], contacts.created_at[row]
        return {
            "id": ids("CON", row),
            "account_id": ids("ACC", contacts.account[row]),
            "first_name": first,
            "last_name": last,
            "email": address,
            "phone": phone,
            "role": labels(
                ("decides", "pays", "uses", "unknown"),
                np.where(contacts.role[row] == 4, NONE, contacts.role[row]),
            ),
            "left_company_on": days(known(contacts.left_on[row], gone_at, until, NEVER)),
            "created_at": instants(created),
            "updated_at": instants(latest(until, created, gone_at)),
        }

    return Export("contacts", by_instants(contacts.created_at, contacts.left_known_at), view)


def leads_export(leads: Leads, seats: Seats) -> Export:
    """Leads with the status that they had then."""

    def view(row: Ints, until: int) -> dict[str, Cell]:
        created, routed = leads.created_at[row], leads.routed_at[row]
        qualified, converted = leads.qualified_at[row], leads.converted_at[row]
        discarded, merged = leads.discarded_at[row], leads.merged_at[row]
        status = np.zeros(len(row), dtype=np.int64)
        for code, at in ((1, routed), (2, qualified), (4, discarded), (3, converted)):
            status = np.where(at < until, code, status)
        owner = seats.rep_at(leads.seat[row], np.minimum(routed, until))
        return {
            "id": ids("LEA", row),
            "source": labels(CHANNELS, leads.source[row]),
            "campaign_id": ids("CAM", leads.campaign[row]),
            "fit": labels(("hot", "warm", "cold"), leads.fit[row]),
            "industry": labels(INDUSTRIES, leads.industry[row]),
            "company_name": company_names(leads.company[row]),
            "email": texts("'lead' || {0} || '@visitor.example'", numbers(row + 1)),
            "owner_id": ids("REP", known(owner, routed, until, NONE)),
            "status": labels(LEAD_STATUSES, status),
            "account_id": ids("ACC", known(leads.account[row], converted, until, NONE)),
            "opportunity_id": ids("OPP", known(leads.deal[row], converted, until, NONE)),
            "merged_into_id": ids("LEA", known(leads.merged_into[row], merged, until, NONE)),
            "created_at": instants(created),
            "routed_at": instants(known(routed, routed, until, NEVER)),
            "qualified_at": instants(known(qualified, qualified, until, NEVER)),
            "converted_at": instants(known(converted, converted, until, NEVER)),
            "updated_at": instants(
                latest(until, created, routed, qualified, converted, discarded, merged)
            ),
        }

    return Export(
        "leads",
        by_instants(
            leads.created_at,
            leads.routed_at,
            leads.qualified_at,
            leads.converted_at,
            leads.discarded_at,
            leads.merged_at,
        ),
        view,
    )


def opportunities_export(deals: Deals, state: log.State) -> Export:
    """Opportunities as the log leaves them. Extractions must be asked for in time order."""

    def touched(_since: int, until: int) -> Ints:
        return state.advance(until)

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        value = state.values[row].T
        is_lost = value[log.STAGE] == LOST
        named = {
            field: labels(STATED_TEXTS[field], value[field])
            for field in (
                log.STAGE,
                log.CURRENCY,
                log.CATEGORY,
                log.NEXT_STEP,
                log.COMPETITOR,
                log.DECISION_MAKER,
                log.BUDGET,
                log.IS_DELETED,
            )
        }
        return {
            "id": ids("OPP", row),
            "name": texts(
                "{0} || ', ' || {1}",
                labels(DEAL_KINDS, deals.kind[row]),
                ids("ACC", deals.account[row]),
            ),
            "account_id": ids("ACC", deals.account[row]),
            "contact_id": ids("CON", deals.contact[row]),
            "owner_id": ids("REP", value[log.OWNER]),
            "record_type": labels(("volume", "key_account"), deals.is_key_account[row]),
            "stage": named[log.STAGE],
            "amount": optional_decimals(value[log.AMOUNT]),
            "currency": named[log.CURRENCY],
            "probability": optional_decimals(value[log.PROBABILITY]),
            "close_date": days(value[log.CLOSE_DATE]),
            "forecast_category": named[log.CATEGORY],
            "lead_source": labels(CHANNELS, deals.source[row]),
            "campaign_id": ids("CAM", deals.campaign[row]),
            "lead_id": ids("LEA", deals.lead[row]),
            "next_step": named[log.NEXT_STEP],
            "competitor": named[log.COMPETITOR],
            "decision_maker": named[log.DECISION_MAKER],
            "budget_status": named[log.BUDGET],
            "loss_reason": labels(LOSS_REASONS, np.where(is_lost, deals.loss_reason[row], NONE)),
            "machines_count": numbers(deals.machines[row]),
            "is_deleted": named[log.IS_DELETED],
            "merged_into_id": ids("OPP", value[log.MERGED_INTO]),
            "created_at": instants(deals.created_at[row]),
            "closed_at": instants(state.closed_at[row]),
            "updated_at": instants(state.updated_at[row]),
        }

    return Export("opportunities", touched, view)


def changes_export(changes: log.Changes) -> Export:
    """The audit log, row by row as it was typed in."""

    def view(row: Ints, _until: int) -> dict[str, Cell]:
        name = changes.name[row]
        return {
            "id": ids("CHG", row),
            "opportunity_id": ids("OPP", changes.deal[row]),
            "sequence": numbers(row + 1),
            "field": labels(log.FIELDS, name),
            "old_value": _stated(name, changes.old[row]),
            "new_value": _stated(name, changes.new[row]),
            "changed_at": instants(changes.at[row]),
            "changed_by": texts("coalesce({0}, 'system')", ids("REP", changes.by[row])),
            "entered_at": instants(changes.entered_at[row]),
        }

    return Export("opportunity_changes", by_instants(changes.entered_at), view)


def _stated(name: Ints, value: Ints) -> Cell:
    """A value of any field as the CRM's log writes it."""
    as_key = "printf('%07d', {1} + 1)"
    cases = [
        f"when {log.AMOUNT} then (" + decimals(value).sql.replace("{0}", "{1}") + ")::varchar",
        f"when {log.PROBABILITY} then (" + decimals(value).sql.replace("{0}", "{1}") + ")::varchar",
        f"when {log.CLOSE_DATE} then (date '1970-01-01' + {{1}}::integer)::varchar",
        f"when {log.OWNER} then 'REP' || {as_key}",
        f"when {log.MERGED_INTO} then 'OPP' || {as_key}",
    ]
    for field, choices in STATED_TEXTS.items():
        listed = ", ".join(f"'{text}'" for text in choices)
        cases.append(f"when {field} then [{listed}][{{1}} + 1]")
    return texts(f"case {{0}} {' '.join(cases)} end", numbers(name), numbers(value))
