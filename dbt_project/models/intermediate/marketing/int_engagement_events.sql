{#
    What an account does of its own accord: it opens mails and quotes, clicks, replies, and comes back to the site. A return
    is a day on which somebody is there who had been there on an earlier one.
#}
with

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

email_events as (

    select
        contacts.account_id,
        events.event_type as signal,
        {{ local_date('events.occurred_at') }} as event_date

    from {{ ref('int_email_events_conformed') }} as events

    inner join contacts
        on events.contact_id = contacts.contact_id

    where events.occurred_at < {{ as_of_at() }}

),

quote_views as (

    select
        opportunities.account_id,
        'quote_view' as signal,
        {{ local_date('views.viewed_at') }} as event_date

    from {{ ref('int_quote_views_conformed') }} as views

    inner join {{ ref('int_quotes_conformed') }} as quotes
        on views.quote_id = quotes.quote_id

    inner join {{ ref('fct_opportunities') }} as opportunities
        on quotes.opportunity_id = opportunities.opportunity_id

    where views.viewed_at < {{ as_of_at() }}

),

visit_days as (

    select distinct
        leads.account_id,
        visits.visitor_id,
        {{ local_date('visits.visited_at') }} as event_date

    from {{ ref('int_page_visits_conformed') }} as visits

    inner join {{ ref('int_leads_conformed') }} as identities
        on visits.lead_id = identities.lead_id

    inner join {{ ref('int_leads_merged') }} as leads
        on coalesce(identities.merged_into_id, identities.lead_id) = leads.lead_id

    where not visits.is_bot and visits.visited_at < {{ as_of_at() }}

),

return_visits as (

    select
        account_id,
        'return_visit' as signal,
        event_date

    from visit_days

    qualify row_number() over (partition by visitor_id order by event_date) > 1

),

united as (

    select * from email_events
    union all
    select * from quote_views
    union all
    select * from return_visits

)

select
    united.account_id,
    united.signal,
    scoring.points,
    count(*) as event_count,
    united.event_date

from united

inner join {{ ref('engagement_scoring') }} as scoring
    on united.signal = scoring.signal

where united.account_id is not null

group by united.account_id, united.signal, scoring.points, united.event_date
