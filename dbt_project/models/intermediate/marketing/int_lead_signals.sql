{#
    What a lead shows of itself: pages that it looked at, mails that it answered, and what was said of it before a rep got
    it: what is told later is already the fruit of working on it. A visit of a duplicate is one of its survivor. Robots
    show nothing.
#}
with

leads as (

    select * from {{ ref('int_leads_merged') }}

),

identities as (

    select
        coalesce(merged_into_id, lead_id) as lead_id,
        lead_id as known_as_id,
        lower(email) as email

    from {{ ref('int_leads_conformed') }}

),

page_visits as (

    select
        identities.lead_id,
        'page' as signal,
        visits.page as detail,
        visits.visited_at as occurred_at

    from {{ ref('int_page_visits_conformed') }} as visits

    inner join identities
        on visits.lead_id = identities.known_as_id

    where not visits.is_bot

),

email_events as (

    select
        identities.lead_id,
        'email' as signal,
        events.event_type as detail,
        events.occurred_at

    from {{ ref('int_email_events_conformed') }} as events

    inner join {{ ref('int_contacts_conformed') }} as contacts
        on events.contact_id = contacts.contact_id

    inner join identities
        on lower(contacts.email) = identities.email

),

told as (

    select
        leads.lead_id,
        leads_told.fit,
        leads_told.lead_source,
        leads.created_at

    from leads

    inner join {{ ref('int_leads_told') }} as leads_told
        on leads.lead_id = leads_told.lead_id

),

profiles as (

    select
        lead_id,
        'fit' as signal,
        fit as detail,
        created_at as occurred_at

    from told

    union all

    select
        leads.lead_id,
        'fit' as signal,
        fitted.fit as detail,
        leads.created_at as occurred_at

    from leads

    inner join {{ ref('int_leads_fitted') }} as fitted
        on leads.lead_id = fitted.lead_id

    union all

    select
        lead_id,
        'source' as signal,
        lead_source as detail,
        created_at as occurred_at

    from told

),

united as (

    select * from page_visits
    union all
    select * from email_events
    union all
    select * from profiles

)

select
    lead_id,
    signal,
    detail,
    occurred_at

from united

where detail is not null and occurred_at < {{ as_of_at() }}
