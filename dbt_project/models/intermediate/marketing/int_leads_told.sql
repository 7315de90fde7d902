{#
    What was last told of a lead before a rep got it: what is told later is already the fruit of working on it. As long as
    nobody has got it, that is today's word. Nothing and a placeholder take no source back.
#}
with

leads as (

    select
        lead_id,
        routed_at

    from {{ ref('int_leads_merged') }}

),

placeholders as (

    select distinct {{ comparable_text('placeholder') }} as placeholder from {{ ref('placeholders') }}

),

-- The first load may itself be younger than the routing: where a source's past is loaded at once.
told as (

    select
        loaded.lead_id,
        loaded.fit,
        loaded.lead_source,
        {{ comparable_text('loaded.lead_source') }} as comparable_source,
        loaded.load_no

    from {{ ref('int_leads_loaded') }} as loaded

    inner join leads
        on loaded.lead_id = leads.lead_id

    where
        not loaded.is_vanished
        and (loaded.load_no = 1 or coalesce(loaded.known_at < leads.routed_at, true))

),

last_told as (

    select
        lead_id,
        fit

    from told

    qualify row_number() over (partition by lead_id order by load_no desc) = 1

),

sources as (

    select
        told.lead_id,
        told.lead_source

    from told

    left outer join placeholders
        on told.comparable_source = placeholders.placeholder

    where told.comparable_source <> '' and placeholders.placeholder is null

    qualify row_number() over (partition by told.lead_id order by told.load_no desc) = 1

)

select
    last_told.lead_id,
    last_told.fit,
    sources.lead_source

from last_told

left outer join sources
    on last_told.lead_id = sources.lead_id
