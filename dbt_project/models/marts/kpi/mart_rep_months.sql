with

rep_days as (

    select * from {{ ref('int_rep_days') }}

),

targets as (

    select * from {{ ref('int_targets_conformed') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

monthly_results as (

    select
        rep_id,
        sum(created_count) as created_count,
        sum(won_count) as won_count,
        sum(lost_count) as lost_count,
        sum(meetings_held_count) as meetings_held_count,
        sum(minutes) as minutes,
        sum(won_amount) as won_amount,
        sum(invoiced_net) as invoiced_net,
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
        {%- for name in ['created_count', 'won_count', 'lost_count', 'meetings_held_count', 'minutes'] %}
        cast(coalesce(monthly_results.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        {%- for name in ['won_amount', 'invoiced_net'] %}
        cast(coalesce(monthly_results.{{ name }}, 0) as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        monthly_targets.target,
        coalesce(monthly_results.month_start_date, monthly_targets.month_start_date) as month_start_date

    from monthly_results

    full outer join monthly_targets
        on
            monthly_results.rep_id = monthly_targets.rep_id
            and monthly_results.month_start_date = monthly_targets.month_start_date

)

select
    rep_months.rep_id,
    reps.team,
    {{ fiscal_year(add_days('rep_months.month_start_date', 14)) }} as fiscal_year,
    {{ fiscal_quarter('rep_months.month_start_date') }} as fiscal_quarter,
    rep_months.created_count,
    rep_months.won_count,
    rep_months.lost_count,
    rep_months.meetings_held_count,
    rep_months.minutes,
    cast(rep_months.target as decimal(18, 2)) as target,
    rep_months.won_amount,
    rep_months.invoiced_net,
    rep_months.{{ revenue_measure() }} as attained_amount,
    case
        when rep_months.month_start_date <= {{ as_of_date() }}
            then {{ safe_divide('rep_months.' ~ revenue_measure(), 'rep_months.target') }}
    end as attainment,
    rep_months.month_start_date

from rep_months

left outer join reps
    on rep_months.rep_id = reps.rep_id

order by rep_months.month_start_date, rep_months.rep_id
