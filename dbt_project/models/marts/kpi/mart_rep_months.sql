{%- set sums = {
    'created_count': 'bigint', 'won_count': 'bigint', 'lost_count': 'bigint', 'meetings_held_count': 'bigint',
    'no_show_count': 'bigint', 'minutes': 'bigint', 'administrative_minutes': 'bigint', 'proposal_count': 'bigint',
    'new_customer_count': 'bigint', 'won_amount': 'decimal(18, 4)', 'created_amount': 'decimal(18, 4)',
    'invoiced_net': 'decimal(18, 4)', 'costed_net': 'decimal(18, 4)', 'margin': 'decimal(18, 4)',
    'opportunity_cost': 'decimal(18, 4)',
} -%}
with

rep_days as (

    select * from {{ ref('int_rep_days') }}

),

targets as (

    select * from {{ ref('int_targets_conformed') }}

),

attainments as (

    select *

    from {{ ref('mart_attainments') }}

    where period_grain = 'month'

),

monthly_results as (

    select
        rep_id,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        cast(date_trunc('month', date_day) as date) as month_start_date

    from rep_days

    group by rep_id, cast(date_trunc('month', date_day) as date)

),

monthly_targets as (

    select
        coalesce(rep_id, 'unassigned') as rep_id,
        sum(case when criterion = 'revenue' then target_value end) as target,
        cast(date_trunc('month', month_start_date) as date) as month_start_date

    from targets

    group by coalesce(rep_id, 'unassigned'), cast(date_trunc('month', month_start_date) as date)

),

rep_months as (

    select
        coalesce(monthly_results.rep_id, monthly_targets.rep_id) as rep_id,
        {%- for name, data_type in sums.items() %}
        cast(coalesce(monthly_results.{{ name }}, 0) as {{ data_type }}) as {{ name }},
        {%- endfor %}
        monthly_targets.target,
        coalesce(monthly_results.month_start_date, monthly_targets.month_start_date) as month_start_date

    from monthly_results

    full outer join monthly_targets
        on
            monthly_results.rep_id = monthly_targets.rep_id
            and monthly_results.month_start_date = monthly_targets.month_start_date

),

rolling as (

    select
        *,
        sum(won_count) over year_to_month as year_won_count,
        sum(won_count + lost_count) over year_to_month as year_closed_count

    from rep_months

    window year_to_month as (
        partition by rep_id
        order by month_start_date
        range between interval 11 month preceding and current row
    )

)

select
    rolling.rep_id,
    rep_posts.team,
    reps.team as team_current,
    rep_posts.territory,
    rep_posts.seniority,
    {{ fiscal_year(add_days('rolling.month_start_date', 14)) }} as fiscal_year,
    {{ fiscal_quarter('rolling.month_start_date') }} as fiscal_quarter,
    {%- for name in sums %}
    rolling.{{ name }},
    {%- endfor %}
    cast(rolling.target as decimal(18, 2)) as target,
    rolling.{{ revenue_measure() }} as attained_amount,
    case
        when rolling.month_start_date <= {{ as_of_date() }}
            then {{ safe_divide('rolling.' ~ revenue_measure(), 'rolling.target') }}
    end as attainment,
    attainments.attainment as objective_attainment,
    cast(rolling.year_won_count as bigint) as year_won_count,
    cast(rolling.year_closed_count as bigint) as year_closed_count,
    {{ judged_rate('rolling.year_won_count', 'rolling.year_closed_count') }} as conversion,
    {{ wilson_low('rolling.year_won_count', 'rolling.year_closed_count') }} as conversion_low,
    {{ wilson_high('rolling.year_won_count', 'rolling.year_closed_count') }} as conversion_high,
    rolling.month_start_date

from rolling

left outer join {{ ref('dim_reps') }} as reps
    on rolling.rep_id = reps.rep_id

left outer join {{ ref('int_rep_posts_dated') }} as rep_posts
    on
        rolling.rep_id = rep_posts.rep_id
        and {{ month_end_known('rolling.month_start_date') }} >= rep_posts.from_date
        and {{ month_end_known('rolling.month_start_date') }} < rep_posts.until_date

left outer join {{ ref('dim_dates') }} as dates
    on {{ add_days('rolling.month_start_date', 14) }} = dates.date_day

left outer join attainments
    on
        rolling.rep_id = attainments.rep_id
        and dates.fiscal_month_start_date = attainments.period_start_date

order by rolling.month_start_date, rolling.rep_id
