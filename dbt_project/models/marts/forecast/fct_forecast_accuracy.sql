with

intervals as (

    select * from {{ ref('fct_pipeline_intervals') }}

),

wins as (

    select * from {{ ref('int_wins_dated') }}

),

horizons as (

    select * from {{ ref('int_forecast_horizons') }}

),

{% set grains = ['month', 'quarter'] %}
-- Open on the forecast day's end and expected to close within the period.
open_deals as (

    {%- for grain in grains %}
    select
        horizons.*,
        intervals.rep_id,
        intervals.is_reconstructed,
        intervals.weighted_amount as open_weighted_amount,
        0 as won_before_amount,
        0 as actual_amount

    from horizons

    inner join intervals
        on
            horizons.period_grain = '{{ grain }}'
            and horizons.period_start_date = intervals.close_{{ grain }}_date
            and cast(date_trunc('month', horizons.forecast_date) as date) = intervals.month_start_date
            and horizons.forecast_date >= intervals.from_date
            and horizons.forecast_date < intervals.until_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

-- Won within the period: what was already won on the forecast day, and what was at the period's end.
won_deals as (

    {%- for grain in grains %}
    select
        horizons.*,
        coalesce(wins.rep_id, 'unassigned') as rep_id,
        wins.is_reconstructed,
        0 as open_weighted_amount,
        case
            when
                wins.won_date <= horizons.forecast_date
                and wins.valid_from_date <= horizons.forecast_date
                and coalesce(wins.valid_to_date > horizons.forecast_date, true)
                then wins.amount
            else 0
        end as won_before_amount,
        case
            when
                wins.valid_from_date <= horizons.period_end_date
                and coalesce(wins.valid_to_date > horizons.period_end_date, true)
                then wins.amount
            else 0
        end as actual_amount

    from horizons

    inner join wins
        on
            horizons.period_grain = '{{ grain }}'
            and horizons.period_start_date = wins.won_{{ grain }}_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

united as (

    select * from open_deals
    union all
    select * from won_deals

),

summed as (

    select
        rep_id,
        period_grain,
        horizon_days,
        is_period_over,
        is_reconstructed,
        period_start_date,
        period_end_date,
        forecast_date,
        cast(coalesce(sum(open_weighted_amount), 0) as decimal(18, 2)) as open_weighted_amount,
        cast(coalesce(sum(won_before_amount), 0) as decimal(18, 2)) as won_before_amount,
        case
            when is_period_over then cast(coalesce(sum(actual_amount), 0) as decimal(18, 2))
        end as actual_amount

    from united

    group by
        rep_id,
        period_grain,
        horizon_days,
        is_period_over,
        is_reconstructed,
        period_start_date,
        period_end_date,
        forecast_date

)

select
    rep_id,
    period_grain,
    horizon_days,
    cast(open_weighted_amount + won_before_amount as decimal(18, 2)) as forecast_amount,
    open_weighted_amount,
    won_before_amount,
    actual_amount,
    cast(open_weighted_amount + won_before_amount - actual_amount as decimal(18, 2)) as error_amount,
    is_period_over,
    is_reconstructed,
    period_start_date,
    period_end_date,
    forecast_date

from summed

order by period_start_date, period_grain, horizon_days, rep_id, is_reconstructed
