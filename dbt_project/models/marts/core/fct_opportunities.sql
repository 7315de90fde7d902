with

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

spot_rates as (

    select * from {{ ref('int_fx_spot_rates') }}

),

visits as (

    select
        opportunity_id,
        max(cycle_no) as cycle_count,
        max_by(stage_id, entered_at) as last_open_stage_id

    from {{ ref('fct_stage_visits') }}

    group by opportunity_id

),

stated as (

    select
        opportunities.*,
        case
            when opportunities.merged_into_id is not null then 'merged'
            when opportunities.is_deleted or opportunities.is_vanished then 'deleted'
            when stages.is_won then 'won'
            when stages.is_closed then 'lost'
            when stages.is_dormant then 'dormant'
            when not stages.is_closed then 'open'
        end as state,
        coalesce(stages.is_unqualified, false) as has_unqualified_stage,
        -- A source may keep the date of a closing after the deal was reopened or binned: it no longer counts.
        case when state in ('won', 'lost') then opportunities.closed_at end as settled_at,
        {{ local_date('settled_at') }} as closed_date

    from opportunities

    left outer join {{ ref('stages') }} as stages
        on opportunities.stage_id = stages.stage_id

    where opportunities.created_at < {{ as_of_at() }}

),

valued as (

    select
        stated.*,
        {{ plan_amount('stated.amount_doc', 'stated.currency', 'plan_rates.rate', scale=2) }} as amount,
        {{ plan_amount('stated.amount_doc', 'stated.currency', 'spot_rates.rate', scale=2) }} as amount_spot,
        case
            when stated.closed_date is not null
                then {{ plan_amount('stated.amount_doc', 'stated.currency', 'close_rates.rate', scale=2) }}
        end as amount_close

    from stated

    left outer join plan_rates
        on
            stated.currency = plan_rates.currency
            and {{ fiscal_year('coalesce(stated.closed_date, ' ~ as_of_date() ~ ')') }} = plan_rates.fiscal_year

    left outer join spot_rates
        on stated.currency = spot_rates.currency and spot_rates.until_date is null

    left outer join spot_rates as close_rates
        on
            stated.currency = close_rates.currency
            and stated.closed_date >= close_rates.from_date
            and stated.closed_date < coalesce(close_rates.until_date, date '9999-12-31')

)

select
    valued.opportunity_id,
    valued.account_id,
    valued.rep_id,
    valued.product_id,
    valued.campaign_id,
    valued.lead_id,
    valued.merged_into_id,
    valued.stage_id,
    coalesce(valued.last_open_stage_id, visits.last_open_stage_id) as last_open_stage_id,
    valued.state,
    valued.record_type,
    valued.currency,
    valued.forecast_category,
    coalesce(origins.origin, 'unknown') as origin,
    accounts.segment_id,
    accounts.territory,
    accounts.region,
    valued.rating,
    valued.purchase_process,
    valued.decision_maker,
    valued.loss_reason,
    valued.custom_fields,
    valued.amount_doc,
    valued.amount,
    valued.amount_spot,
    valued.amount_close,
    cast(valued.amount * valued.win_probability as decimal(18, 2)) as weighted_amount,
    valued.win_probability,
    cast(deals_calibrated.calibrated_probability as decimal(9, 6)) as calibrated_probability,
    cast(coalesce(visits.cycle_count, 1) as integer) as cycle_count,
    {{ elapsed_days('valued.created_at', 'coalesce(valued.settled_at, ' ~ as_of_at() ~ ')') }} as age_days,
    coalesce(valued.state = 'open', false) as is_open,
    coalesce(valued.state = 'won', false) as is_won,
    coalesce(valued.state = 'lost', false) as is_lost,
    coalesce(valued.state = 'lost', false) and valued.has_unqualified_stage as is_unqualified,
    {{ local_date('valued.created_at') }} as created_date,
    valued.closed_date,
    valued.expected_close_date,
    valued.created_at,
    valued.settled_at as closed_at

from valued

left outer join {{ ref('int_accounts_conformed') }} as accounts
    on valued.account_id = accounts.account_id

left outer join {{ ref('int_opportunity_origins') }} as origins
    on valued.opportunity_id = origins.opportunity_id

left outer join visits
    on valued.opportunity_id = visits.opportunity_id

left outer join {{ ref('int_deals_calibrated') }} as deals_calibrated
    on valued.opportunity_id = deals_calibrated.opportunity_id

order by valued.opportunity_id
