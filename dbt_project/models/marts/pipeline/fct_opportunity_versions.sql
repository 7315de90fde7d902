with

versions as (

    select * from {{ ref('int_opportunities_versioned') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

valued as (

    select
        versions.*,
        {{ plan_amount('versions.amount_doc', 'versions.currency', 'plan_rates.rate', scale=2) }} as amount

    from versions

    left outer join plan_rates
        on
            versions.currency = plan_rates.currency
            and {{ fiscal_year(local_date('versions.valid_from')) }} = plan_rates.fiscal_year

)

select
    opportunity_id || '-' || cast(version_no as varchar) as opportunity_version_id,
    opportunity_id,
    rep_id,
    stage_id,
    merged_into_id,
    segment_id,
    state,
    currency,
    forecast_category,
    version_no,
    stage_position,
    amount_doc,
    amount,
    cast(amount * win_probability as decimal(18, 2)) as weighted_amount,
    win_probability,
    is_current,
    is_reconstructed,
    is_stage_reconstructed,
    is_amount_reconstructed,
    is_close_date_reconstructed,
    expected_close_date,
    {{ local_date('valid_from') }} as valid_from_date,
    {{ local_date('valid_to') }} as valid_to_date,
    valid_from,
    valid_to,
    known_at

from valued

order by opportunity_id, version_no
