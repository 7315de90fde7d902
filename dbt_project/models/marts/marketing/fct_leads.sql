with

leads as (

    select * from {{ ref('int_leads_merged') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

followed as (

    select
        leads.*,
        fitted.fit,
        fitted.fit_segment_id,
        coalesce(told.lead_source, 'unknown') as origin,
        coalesce(opportunities.is_won, false) as is_won,
        case when opportunities.is_won then opportunities.closed_at end as won_at

    from leads

    left outer join opportunities
        on leads.opportunity_id = opportunities.opportunity_id

    left outer join {{ ref('int_leads_fitted') }} as fitted
        on leads.lead_id = fitted.lead_id

    left outer join {{ ref('int_leads_told') }} as told
        on leads.lead_id = told.lead_id

)

select
    lead_id,
    account_id,
    opportunity_id,
    campaign_id,
    rep_id,
    lead_source,
    origin,
    fit,
    fit_segment_id,
    stated_fit,
    industry,
    lead_status,
    {{ elapsed_days('created_at', 'qualified_at') }} as days_to_qualify,
    {{ elapsed_days('created_at', 'converted_at') }} as days_to_convert,
    {{ elapsed_days('created_at', 'won_at') }} as days_to_win,
    {{ elapsed_days('created_at', 'routed_at') }} * 24 as hours_to_route,
    coalesce(qualified_at, converted_at) is not null as is_qualified,
    converted_at is not null as is_converted,
    is_won,
    {{ local_date('created_at') }} as created_date,
    created_at,
    routed_at,
    qualified_at,
    converted_at,
    won_at

from followed

order by created_at, lead_id
