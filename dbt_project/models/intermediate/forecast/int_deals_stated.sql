{#
    What reps have stated on a day: the open deals with a close date, as they were known at its end. Nothing of a row
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

late_days as (

    select * from {{ ref('int_late_days') }}

),

deals_known as (

    select
        *,
        {{ fiscal_year_start(fiscal_year('expected_close_date')) }} as close_year_date

    from {{ ref('int_deals_known') }}

    where state = 'open' and expected_close_date is not null

),

fits as (

    select * from {{ ref('int_stage_fits') }}

),

categories as (

    select * from {{ ref('forecast_categories') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

seen as (

    select
        intervals.opportunity_id,
        intervals.rep_id,
        intervals.stage_id,
        intervals.forecast_category,
        intervals.amount,
        intervals.win_probability,
        intervals.is_reconstructed,
        intervals.expected_close_date,
        intervals.close_month_date,
        stated_days.stated_date,
        cast(null as timestamp) as stage_entered_at

    from intervals

    inner join stated_days
        on
            intervals.month_start_date = cast(date_trunc('month', stated_days.stated_date) as date)
            and intervals.from_date <= stated_days.stated_date
            and intervals.until_date > stated_days.stated_date

    left outer join late_days
        on
            intervals.opportunity_id = late_days.opportunity_id
            and stated_days.stated_date = late_days.stated_date

    where late_days.opportunity_id is null

    union all

    select
        opportunity_id,
        rep_id,
        stage_id,
        forecast_category,
        amount,
        win_probability,
        is_reconstructed,
        expected_close_date,
        {{ fiscal_month_start('expected_close_date', 'close_year_date') }} as close_month_date,
        stated_date,
        stage_entered_at

    from deals_known

)

select
    seen.opportunity_id,
    seen.rep_id,
    seen.stage_id,
    seen.amount,
    cast(seen.amount * seen.win_probability as decimal(18, 2)) as weighted_amount,
    cast(seen.amount * coalesce(categories.rollup_share, 0) as decimal(18, 2)) as rollup_amount,
    cast(seen.amount * fits.stage_rate as decimal(18, 2)) as stage_rate_amount,
    seen.win_probability,
    fits.stage_rate,
    opportunities.is_open as is_unresolved,
    seen.is_reconstructed,
    seen.expected_close_date,
    seen.close_month_date,
    seen.stated_date,
    seen.stage_entered_at

from seen

inner join opportunities
    on seen.opportunity_id = opportunities.opportunity_id

left outer join fits
    on
        seen.stage_id = fits.stage_id
        and cast(date_trunc('month', seen.stated_date) as date) = fits.month_start_date

left outer join categories
    on seen.forecast_category = categories.forecast_category
