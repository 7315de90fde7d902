{#
    Two-way is what takes two people: a call, a meeting or a demo that was held with this very contact, an
    e-mail that it answered or clicked. What we send, or a colleague's meeting, proves nothing about it.
#}
with

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

    where coalesce(created_at < {{ as_of_at() }}, true)

),

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

moves as (

    select * from {{ ref('int_contact_moves') }}

),

-- The one place of the limit: desk/thresholds.csv, metric stale_share, window_days.
limits as (

    select coalesce(min(window_days), 180) as stale_after_days

    from {{ ref('thresholds') }}

    where metric = 'stale_share'

),

emails as (

    select
        contact_id,
        max(case when event_type in ('reply', 'click') then occurred_at end) as answered_at,
        max(case when event_type = 'hard_bounce' then occurred_at end) as bounced_at

    from {{ ref('int_email_events_conformed') }}

    where occurred_at < {{ as_of_at() }}

    group by contact_id

),

talks as (

    select
        contact_id,
        max(coalesce(planned_at, status_at)) as talked_at

    from {{ ref('int_activities_conformed') }}

    where
        activity_type in ('call', 'meeting', 'demo')
        and activity_status = 'held'
        and coalesce(planned_at, status_at) < {{ as_of_at() }}

    group by contact_id

),

witnessed as (

    select
        contacts.contact_id,
        contacts.account_id,
        coalesce(accounts.rep_id, 'unassigned') as rep_id,
        {{ local_date('greatest(talks.talked_at, emails.answered_at)') }} as last_two_way_date,
        {{ local_date('coalesce(contacts.created_at, contacts.known_at)') }} as created_date,
        case when contacts.left_company_date <= {{ as_of_date() }} then contacts.left_company_date end as flagged_date,
        {{ local_date('moves.moved_at') }} as moved_date,
        -- An address that answers after it bounced was mended.
        case
            when coalesce(emails.answered_at < emails.bounced_at, true) then {{ local_date('emails.bounced_at') }}
        end as bounced_date

    from contacts

    left outer join accounts
        on contacts.account_id = accounts.account_id

    left outer join moves
        on contacts.contact_id = moves.contact_id

    left outer join emails
        on contacts.contact_id = emails.contact_id

    left outer join talks
        on contacts.contact_id = talks.contact_id

),

dated as (

    select
        witnessed.*,
        limits.stale_after_days,
        coalesce(witnessed.last_two_way_date, witnessed.created_date) as heard_date,
        coalesce(witnessed.flagged_date, witnessed.moved_date, witnessed.bounced_date) as departed_date

    from witnessed

    cross join limits

)

select
    contact_id,
    account_id,
    rep_id,
    case
        when flagged_date is not null then 'flagged'
        when moved_date is not null then 'employer_changed'
        when bounced_date is not null then 'hard_bounce'
    end as departed_evidence,
    cast({{ calendar_days('heard_date', as_of_date()) }} as integer) as silent_days,
    {{ calendar_days('heard_date', as_of_date()) }} > stale_after_days as is_stale,
    departed_date is not null as is_departed,
    last_two_way_date,
    departed_date

from dated

order by contact_id
