{#
    A duplicate is merged into a survivor, which keeps what happened to either: a lead that was
    converted before it was merged counts once, and stays converted. What happened at or after as_of
    has not happened yet.
#}
with

leads as (

    select *

    from {{ ref('int_leads_conformed') }}

    where created_at < {{ as_of_at() }}

),

known as (

    select
        lead_id,
        account_id,
        opportunity_id,
        campaign_id,
        rep_id,
        merged_into_id,
        lead_source,
        fit as stated_fit,
        industry,
        lead_status,
        {%- for event in ['routed_at', 'qualified_at', 'converted_at'] %}
        case when {{ event }} < {{ as_of_at() }} then {{ event }} end as {{ event }},
        {%- endfor %}
        created_at

    from leads

),

inherited as (

    select
        merged_into_id as survivor_id,
        account_id,
        opportunity_id,
        min(routed_at) over (partition by merged_into_id) as routed_at,
        min(qualified_at) over (partition by merged_into_id) as qualified_at,
        converted_at

    from known

    where merged_into_id is not null

    qualify row_number() over (partition by merged_into_id order by converted_at nulls last, lead_id) = 1

),

survivors as (

    select
        known.lead_id,
        coalesce(known.account_id, inherited.account_id) as account_id,
        coalesce(known.opportunity_id, inherited.opportunity_id) as opportunity_id,
        known.campaign_id,
        known.rep_id,
        known.lead_source,
        known.stated_fit,
        known.industry,
        known.lead_status,
        known.created_at,
        coalesce(known.routed_at, inherited.routed_at) as routed_at,
        coalesce(known.qualified_at, inherited.qualified_at) as qualified_at,
        coalesce(known.converted_at, inherited.converted_at) as converted_at

    from known

    left outer join inherited
        on known.lead_id = inherited.survivor_id

    where known.merged_into_id is null

)

select * from survivors
