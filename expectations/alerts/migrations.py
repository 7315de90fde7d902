"""The shape of the book, step by step. A step that was published is never changed, only followed.

Instants are texts in UTC (instants.kept), money and trends are texts, lists are JSON.
"""

_ALERTS = """
create table alerts (
    fingerprint text primary key,
    family text not null,
    rule text not null,
    entity text not null,
    field text not null,
    scope text not null,
    severity text not null check (severity in ('error', 'warn')),
    owner text not null,
    title text not null,
    failed_count integer not null,
    evaluated_count integer not null,
    trend text,
    since text,
    money_at_risk text,
    rows_query text not null,
    record_ids text not null,
    state text not null
        check (state in ('pending', 'open', 'acknowledged', 'snoozed', 'resolved')),
    channels text not null,
    is_flapping integer not null,
    bad_streak integer not null,
    good_streak integer not null,
    bad_before integer not null,
    good_before integer not null,
    transition_n integer not null,
    reopened_n integer not null,
    told_severity text,
    told_count integer not null,
    counted_as_of text,
    settled_as_of text,
    first_bad_as_of text,
    opened_as_of text,
    resolved_as_of text,
    stale_since text,
    told_at text,
    opened_at text,
    acknowledged_at text,
    snoozed_until text,
    resolved_at text
) strict
"""

_TRANSITIONS = """
create table transitions (
    fingerprint text not null references alerts,
    number integer not null,
    kind text not null,
    severity text not null,
    failed_count integer not null,
    as_of text,
    moved_at text not null,
    primary key (fingerprint, number)
) strict
"""

_EVALUATIONS = """
create table evaluations (
    as_of text primary key,
    first_at text not null,
    last_at text not null,
    observed integer not null
) strict
"""

_OUTBOX = """
create table outbox (
    notice_id integer primary key,
    idempotency_key text not null unique,
    fingerprint text not null,
    number integer not null,
    kind text not null,
    channel text not null,
    thread_key text not null,
    body text not null,
    status text not null check (status in ('pending', 'sent', 'dead', 'superseded')),
    attempts integer not null default 0,
    waits_for text,
    last_error text,
    created_at text not null,
    due_at text not null,
    sent_at text
) strict
"""

_DECISIONS = """
create table decisions (
    decision_id integer primary key,
    fingerprint text not null references alerts,
    number integer not null,
    decision text not null check (decision in ('acknowledged', 'snoozed', 'resolved')),
    decided_by text not null,
    decided_at text not null,
    until text,
    note text not null
) strict
"""

# entry: the columns of alerts as they were after the evaluation.
_PAST = """
create table past (
    as_of text not null references evaluations,
    fingerprint text not null references alerts,
    entry text not null,
    primary key (as_of, fingerprint)
) strict
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _ALERTS,
        _TRANSITIONS,
        _EVALUATIONS,
        _OUTBOX,
        "create index outbox_waiting on outbox (status, channel, fingerprint, number)",
        _DECISIONS,
        "create table facts (name text primary key, value text not null) strict",
    ),
    (
        "alter table alerts add column remedy text not null default ''",
        "alter table alerts add column happened_at text",
        _PAST,
    ),
)
