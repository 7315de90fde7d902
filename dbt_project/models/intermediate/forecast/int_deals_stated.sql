{#
    What reps have stated on a day: the open deals with a close date, as they stood at its end. Nothing of a row
    but is_unresolved comes from later.
#}
with

intervals as (

    select *

    from {{ ref('fct_pipeline_intervals') }}

    where expected_close_date is not null

),

stated_days as (

    select distinct stated_date from {{ ref('int_forecast_days') }}

),

fits as (

    select * from {{ ref('int_stage_fits') }}

),

categories as (

    select * from {{ ref('forecast_categories') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

)

select
    intervals.opportunity_id,
    intervals.rep_id,
    intervals.stage_id,
    intervals.amount,
    intervals.weighted_amount,
    cast(intervals.amount * coalesce(categories.rollup_share, 0) as decimal(18, 2)) as rollup_amount,
    cast(intervals.amount * fits.stage_rate as decimal(18, 2)) as stage_rate_amount,
    intervals.win_probability,
    fits.stage_rate,
    opportunities.is_open as is_unresolved,
    intervals.is_reconstructed,
    intervals.expected_close_date,
    intervals.close_month_date,
    stated_days.stated_date

from intervals

inner join stated_days
    on
        intervals.month_start_date = cast(date_trunc('month', stated_days.stated_date) as date)
        and intervals.from_date <= stated_days.stated_date
        and intervals.until_date > stated_days.stated_date

inner join opportunities
    on intervals.opportunity_id = opportunities.opportunity_id

left outer join fits
    on
        intervals.stage_id = fits.stage_id
        and intervals.month_start_date = fits.month_start_date

left outer join categories
    on intervals.forecast_category = categories.forecast_category
