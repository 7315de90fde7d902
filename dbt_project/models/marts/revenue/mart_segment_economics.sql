{#
    Margin and cost of one period side by side: what a segment brings is its margin less what was spent to get and to
    keep it. Lines without a known cost are in the turnover, not in the margin. Costs that belong to no segment
    stay in a row of their own and are in no segment's figure.
#}
{%- set sums = {
    'marketing_spend': 'decimal(18, 4)', 'effort_cost': 'decimal(18, 4)', 'unvalued_spend_count': 'bigint',
    'uncosted_minutes': 'bigint', 'new_customer_count': 'bigint', 'invoiced_net': 'decimal(18, 4)',
    'costed_net': 'decimal(18, 4)', 'margin': 'decimal(18, 4)', 'uncosted_line_count': 'bigint',
} -%}
with

segment_days as (

    select * from {{ ref('int_segment_days') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

summed as (

    {%- for grain in ['month', 'quarter', 'year'] %}
    select
        segment_days.segment_id,
        '{{ grain }}' as period_grain,
        {%- for name, data_type in sums.items() %}
        cast(sum(segment_days.{{ name }}) as {{ data_type }}) as {{ name }},
        {%- endfor %}
        min(case when segment_days.is_customer_known then 1 else 0 end) = 1 as is_customer_known,
        dates.fiscal_{{ grain }}_start_date as period_start_date

    from segment_days

    inner join dates
        on segment_days.date_day = dates.date_day

    group by segment_days.segment_id, dates.fiscal_{{ grain }}_start_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

netted as (

    select
        *,
        cast(marketing_spend + effort_cost as decimal(18, 4)) as acquisition_cost,
        cast(margin - marketing_spend - effort_cost as decimal(18, 4)) as net_of_acquisition,
        segment_id <> 'unallocated' as is_segment

    from summed

)

select
    segment_id,
    period_grain,
    marketing_spend,
    effort_cost,
    acquisition_cost,
    unvalued_spend_count,
    uncosted_minutes,
    case when is_customer_known then new_customer_count end as new_customer_count,
    case
        when is_segment and is_customer_known then {{ safe_divide('acquisition_cost', 'new_customer_count') }}
    end as cost_per_new_customer,
    invoiced_net,
    costed_net,
    margin,
    uncosted_line_count,
    {{ safe_divide('margin', 'costed_net') }} as margin_rate,
    net_of_acquisition,
    case
        when is_segment
            then cast(rank() over (
                partition by period_grain, period_start_date, is_segment
                order by net_of_acquisition desc
            ) as integer)
    end as net_rank,
    period_start_date

from netted

order by period_grain, period_start_date, segment_id
