{#
    Whether a lead is one of those whom the company aims at: by the line of business that was told of it first, before a
    rep got it, since what a rep tells or corrects is already the fruit of working on it, and by the criteria of
    desk/segments.csv if all of them held on the day on which it came in: the desk keeps no older ones, and by half of the
    criteria nobody can be judged. Of the segments that aim at it the most valuable one counts.
#}
with

leads as (

    select
        lead_id,
        {{ local_date('created_at') }} as created_date,
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
        {{ comparable_text('loaded.industry') }} as industry,
        loaded.load_no

    from {{ ref('int_leads_loaded') }} as loaded

    inner join leads
        on loaded.lead_id = leads.lead_id

    where
        not loaded.is_vanished
        and loaded.industry is not null
        and (loaded.load_no = 1 or coalesce(loaded.known_at < leads.routed_at, true))

),

first_told as (

    select
        told.lead_id,
        told.industry

    from told

    left outer join placeholders
        on told.industry = placeholders.placeholder

    where told.industry <> '' and placeholders.placeholder is null

    qualify row_number() over (partition by told.lead_id order by told.load_no) = 1

),

segments as (

    select * from {{ ref('segments') }}

),

criteria as (

    select max(coalesce(criteria_since, date '0001-01-01')) as from_date

    from segments

    having count(industries) > 0

),

listed as (

    select
        segment_id,
        position,
        {{ list_items('industries') }} as industry

    from segments

    where industries is not null

),

aims as (

    select
        segment_id,
        position,
        {{ comparable_text('industry') }} as industry

    from listed

),

fitted as (

    select
        leads.lead_id,
        first_told.industry,
        aims.segment_id,
        criteria.from_date is not null as is_judged

    from leads

    left outer join criteria
        on leads.created_date >= criteria.from_date

    left outer join first_told
        on leads.lead_id = first_told.lead_id

    left outer join aims
        on first_told.industry = aims.industry

    qualify row_number() over (partition by leads.lead_id order by aims.position nulls last, aims.segment_id) = 1

)

select
    lead_id,
    case
        when is_judged and segment_id is not null then 'target'
        when is_judged and industry is not null then 'off_target'
    end as fit,
    case when is_judged then segment_id end as fit_segment_id

from fitted
