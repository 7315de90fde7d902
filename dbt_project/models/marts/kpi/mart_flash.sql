{%- set sums = {
    'created_count': 'bigint', 'won_count': 'bigint', 'lost_count': 'bigint', 'meetings_held_count': 'bigint',
    'minutes': 'bigint', 'won_amount': 'decimal(18, 4)', 'invoiced_net': 'decimal(18, 4)',
    'opportunity_cost': 'decimal(18, 4)',
} -%}
with

member_days as (

    select * from {{ ref('int_member_days') }}

),

targets as (

    select * from {{ ref('int_targets_prorated') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

delivered as (

    select * from {{ ref('int_delivered_day') }}

),

to_date as (

    select
        level,
        member,
        {%- for name in sums %}
        {{ name }},
        sum({{ name }}) over month_to_date as month_{{ name }},
        {%- endfor %}
        date_day

    from member_days

    window month_to_date as (
        partition by level, member, month_start_date
        order by date_day
        rows between unbounded preceding and current row
    )

),

judged as (

    select
        to_date.*,
        targets.month_target,
        targets.target_to_date,
        coalesce(to_date.date_day <= delivered.delivered_date, false) as is_complete

    from to_date

    cross join delivered

    left outer join reps
        on case when to_date.level = 'rep' then to_date.member end = reps.rep_id

    left outer join targets
        on
            to_date.level = targets.level
            and to_date.member = targets.member
            and to_date.date_day = targets.date_day

    where
        to_date.date_day >= {{ add_days(as_of_date(), -34) }}
        and coalesce(reps.hired_date <= to_date.date_day, true)
        and coalesce(reps.left_date >= to_date.date_day, true)

)

select
    level,
    member,
    {%- for prefix in ['', 'month_'] %}
    {%- for name, data_type in sums.items() %}
    cast(case when is_complete then {{ prefix ~ name }} end as {{ data_type }}) as {{ prefix ~ name }},
    {%- endfor %}
    {%- endfor %}
    case when is_complete then {{ safe_divide('won_count', 'won_count + lost_count') }} end as conversion,
    cast(case when is_complete then month_won_count + month_lost_count end as bigint) as month_closed_count,
    case
        when is_complete then {{ safe_divide('month_won_count', 'month_won_count + month_lost_count') }}
    end as month_conversion,
    month_target,
    case when is_complete then target_to_date end as target_to_date,
    cast(
        case when is_complete then month_{{ revenue_measure() }} - target_to_date end as decimal(18, 4)
    ) as target_delta,
    is_complete,
    date_day as flash_date

from judged

order by flash_date, level, member
