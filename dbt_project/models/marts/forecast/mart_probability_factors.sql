{#
    One line of arithmetic per open deal: stage_rate x overstay_factor x rep_factor, at most 1, is the chance of ever
    winning; x timing_factor that of winning by the end of the stated month. All four are refitted when a month begins,
    on what was known before it.
#}
with

deals as (

    select * from {{ ref('int_deals_calibrated') }}

),

periods as (

    select *

    from {{ ref('int_forecast_periods') }}

    where period_grain = 'month'

),

timing_fits as (

    select * from {{ ref('int_timing_fits') }}

)

select
    deals.opportunity_id,
    deals.rep_id,
    deals.stage_id,
    {{ horizon_of(calendar_days('deals.stated_date', 'periods.period_end_date')) }} as horizon_days,
    cast(deals.stage_case_count as integer) as stage_case_count,
    cast(deals.overstay_case_count as integer) as overstay_case_count,
    cast(deals.rep_case_count as integer) as rep_case_count,
    coalesce(timing_fits.won_count, 0) as timing_case_count,
    deals.days_in_stage,
    deals.stage_rate,
    deals.overstay_factor,
    deals.rep_factor,
    timing_fits.timing_factor,
    cast(deals.calibrated_probability as decimal(9, 6)) as calibrated_probability,
    cast(deals.calibrated_probability * timing_fits.timing_factor as decimal(9, 6))
        as calibrated_probability_by_period,
    deals.stated_probability,
    deals.month_start_date as fitted_before_date,
    periods.period_end_date

from deals

left outer join periods
    on
        deals.expected_close_date >= periods.period_start_date
        and deals.expected_close_date <= periods.period_end_date

left outer join timing_fits
    on
        deals.stage_id = timing_fits.stage_id
        and deals.month_start_date = timing_fits.month_start_date
        and {{ horizon_of(calendar_days('deals.stated_date', 'periods.period_end_date')) }} = timing_fits.horizon_days

order by deals.opportunity_id
