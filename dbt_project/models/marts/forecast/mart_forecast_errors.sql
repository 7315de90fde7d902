{#
    Sums first, ratios of sums after: NULL where nothing was won. The yardsticks: skill compares with what was
    won a year before on the same statements; MASE with how far that yardstick is off over all periods
    (Hyndman & Koehler 2006). Submissions have a yardstick of their own, of those who handed one in.
#}
with

accuracy as (

    select *

    from {{ ref('fct_forecast_accuracy') }}

    where is_horizon and is_period_over and not is_reconstructed

),

intervals as (

    select *

    from {{ ref('int_forecast_intervals') }}

    where evidence = 'all'

),

yardsticks as (

    select
        level,
        member,
        period_grain,
        method = 'submission' as is_submission,
        {{ safe_divide('sum(abs(naive_amount - actual_amount))', 'count(naive_amount)') }} as naive_error

    from accuracy

    where method in ('seasonal_naive', 'submission') and horizon_days = 1

    group by level, member, period_grain, is_submission

),

summed as (

    select
        level,
        member,
        method,
        period_grain,
        horizon_days,
        count(*) as period_count,
        count(naive_amount) as compared_count,
        sum(deal_count) as deal_count,
        sum(unresolved_count) as unresolved_count,
        sum(stated_amount) as stated_amount,
        sum(actual_amount) as actual_amount,
        sum(error_amount) as error_amount,
        sum(absolute_error_amount) as absolute_error_amount,
        sum(restated_error_amount) as restated_error_amount,
        sum(case when naive_amount is not null then absolute_error_amount end) as compared_error_amount,
        sum(abs(naive_amount - actual_amount)) as naive_error_amount,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date

    from accuracy

    group by level, member, method, period_grain, horizon_days

)

select
    summed.level,
    summed.member,
    summed.method,
    summed.period_grain,
    summed.horizon_days,
    cast(summed.period_count as integer) as period_count,
    cast(summed.compared_count as integer) as compared_count,
    cast(summed.deal_count as integer) as deal_count,
    cast(summed.unresolved_count as integer) as unresolved_count,
    {%- for amount in [
        'stated_amount', 'actual_amount', 'error_amount', 'absolute_error_amount', 'restated_error_amount',
        'compared_error_amount', 'naive_error_amount',
    ] %}
    cast(summed.{{ amount }} as decimal(18, 2)) as {{ amount }},
    {%- endfor %}
    {{ safe_divide('summed.unresolved_count', 'summed.deal_count') }} as unresolved_share,
    {{ safe_divide('summed.error_amount', 'summed.actual_amount') }} as bias,
    intervals.bias_low,
    intervals.bias_high,
    {{ safe_divide('summed.absolute_error_amount', 'summed.actual_amount') }} as wape,
    intervals.wape_low,
    intervals.wape_high,
    {{ safe_divide('summed.absolute_error_amount', 'summed.period_count') }}
    / nullif(yardsticks.naive_error, 0) as mase,
    1 - {{ safe_divide('summed.compared_error_amount', 'summed.naive_error_amount') }} as skill,
    case
        when summed.actual_amount <> 0
            then greatest(0, 1 - {{ safe_divide('abs(summed.error_amount)', 'summed.actual_amount') }})
    end as hubspot_accuracy,
    {{ safe_divide('summed.stated_amount', 'summed.actual_amount') }} as netsuite_variance,
    summed.first_period_date,
    summed.last_period_date

from summed

left outer join yardsticks
    on
        summed.level = yardsticks.level
        and summed.member = yardsticks.member
        and summed.period_grain = yardsticks.period_grain
        and yardsticks.is_submission = (summed.method = 'submission')

left outer join intervals
    on
        summed.level = intervals.level
        and summed.member = intervals.member
        and summed.method = intervals.method
        and summed.period_grain = intervals.period_grain
        and summed.horizon_days = intervals.horizon_days

order by summed.level, summed.member, summed.method, summed.period_grain, summed.horizon_days
