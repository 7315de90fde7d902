{#
    A rep is called an optimist (or cautious) only where luck alone would not make him one: the interval
    must leave out 0, and the bias must be worth a word (setting reliable_bias). Nor is he called reliable because little
    is known: the interval must rule out any great bias (setting unclear_bias).
#}
{%- set tolerance = var('reliable_bias') -%}
{%- set widest = var('unclear_bias') -%}
with

accuracy as (

    select *

    from {{ ref('fct_forecast_accuracy') }}

    where
        level = 'rep'
        and method in ('submission', 'category', 'stated_probability')
        and period_grain = 'month'
        and horizon_days in (30, 14, 7)
        and is_period_over
        and not is_reconstructed

),

evidence_months as (

    select * from {{ ref('int_evidence_months') }}

),

intervals as (

    select *

    from {{ ref('int_forecast_intervals') }}

    where level = 'rep' and evidence <> 'all'

),

summed as (

    select
        accuracy.member as rep_id,
        accuracy.method,
        accuracy.horizon_days,
        count(*) as month_count,
        sum(accuracy.deal_count) as deal_count,
        sum(accuracy.unresolved_count) as unresolved_count,
        sum(accuracy.stated_amount) as stated_amount,
        sum(accuracy.actual_amount) as actual_amount,
        sum(accuracy.error_amount) as error_amount,
        sum(accuracy.absolute_error_amount) as absolute_error_amount,
        evidence_months.quarter_start_date,
        evidence_months.quarter_end_date

    from accuracy

    inner join evidence_months
        on accuracy.period_start_date = evidence_months.month_start_date

    group by
        accuracy.member,
        accuracy.method,
        accuracy.horizon_days,
        evidence_months.quarter_start_date,
        evidence_months.quarter_end_date

),

measured as (

    select
        summed.*,
        {{ safe_divide('summed.error_amount', 'summed.actual_amount') }} as bias,
        {{ safe_divide('summed.absolute_error_amount', 'summed.actual_amount') }} as wape,
        intervals.bias_low,
        intervals.bias_high

    from summed

    left outer join intervals
        on
            summed.rep_id = intervals.member
            and summed.method = intervals.method
            and summed.horizon_days = intervals.horizon_days
            and cast(summed.quarter_start_date as varchar) = intervals.evidence

)

select
    rep_id,
    method,
    case
        when bias_low is null then cast(null as varchar)
        when bias_low > 0 and bias > {{ tolerance }} then 'optimist'
        when bias_high < 0 and bias < -{{ tolerance }} then 'cautious'
        when bias_low < -{{ widest }} or bias_high > {{ widest }} then 'unclear'
        else 'reliable'
    end as direction,
    horizon_days,
    cast(month_count as integer) as month_count,
    cast(deal_count as integer) as deal_count,
    cast(unresolved_count as integer) as unresolved_count,
    {%- for amount in ['stated_amount', 'actual_amount', 'error_amount', 'absolute_error_amount'] %}
    cast({{ amount }} as decimal(18, 2)) as {{ amount }},
    {%- endfor %}
    bias,
    bias_low,
    bias_high,
    wape,
    bias_low > {{ tolerance }} or bias_high < -{{ tolerance }} as is_beyond_doubt,
    quarter_start_date,
    quarter_end_date

from measured

order by quarter_start_date, rep_id, method, horizon_days
