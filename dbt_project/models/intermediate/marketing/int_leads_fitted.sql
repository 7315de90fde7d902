{#
    Whether a lead is one of those whom the company aims at: by the line of business that was told of it first, before a
    rep got it, since what a rep tells or corrects is already the fruit of working on it, and by the criteria that held on
    the day on which it came in (desk/segment_criteria.csv), so that new ones leave older leads as they are. Of the segments
    that aim at it the most valuable one counts.
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

criteria as (

    select
        segment_id,
        industries,
        coalesce(since, date '0001-01-01') as from_date,
        coalesce(lead(since) over (partition by segment_id order by since nulls first), date '9999-12-31') as until_date

    from {{ ref('segment_criteria') }}

),

listed as (

    select
        criteria.segment_id,
        segments.position,
        {{ list_items('criteria.industries') }} as industry,
        criteria.from_date,
        criteria.until_date

    from criteria

    inner join {{ ref('segments') }} as segments
        on criteria.segment_id = segments.segment_id

    where criteria.industries is not null

),

aims as (

    select
        segment_id,
        position,
        {{ comparable_text('industry') }} as industry,
        from_date,
        until_date

    from listed

),

-- Before anything was aimed at, nobody knows who was on target.
beginnings as (

    select min(from_date) as from_date from listed

),

fitted as (

    select
        leads.lead_id,
        first_told.industry,
        aims.segment_id,
        coalesce(leads.created_date >= beginnings.from_date, false) as is_judged

    from leads

    cross join beginnings

    left outer join first_told
        on leads.lead_id = first_told.lead_id

    left outer join aims
        on
            first_told.industry = aims.industry
            and leads.created_date >= aims.from_date
            and leads.created_date < aims.until_date

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
