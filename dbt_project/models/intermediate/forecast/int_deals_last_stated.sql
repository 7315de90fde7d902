{#
    What was said last before a deal closed for the first time. The day lies under the shadow of the closing, so
    only what the rep stated is judged here.
#}
with

versions as (

    select *

    from {{ ref('fct_opportunity_versions') }}

    where state = 'open'

),

months as (

    select *

    from {{ ref('int_forecast_periods') }}

    where period_grain = 'month'

),

first_closings as (

    select *

    from {{ ref('int_closings_dated') }}

    qualify row_number() over (partition by opportunity_id order by closed_at) = 1

)

select
    versions.opportunity_id,
    coalesce(versions.rep_id, 'unassigned') as rep_id,
    versions.stage_id,
    0 as horizon_days,
    versions.amount,
    cast(versions.win_probability as double) as stated_probability,
    cast(null as double) as stage_rate,
    cast(null as double) as calibrated_probability,
    cast(null as double) as days_in_stage,
    versions.is_reconstructed,
    versions.expected_close_date,
    {{ add_days('first_closings.closed_date', -1) }} as stated_date,
    months.period_end_date

from versions

inner join first_closings
    on
        versions.opportunity_id = first_closings.opportunity_id
        and versions.valid_to = first_closings.closed_at

left outer join months
    on
        versions.expected_close_date >= months.period_start_date
        and versions.expected_close_date <= months.period_end_date
