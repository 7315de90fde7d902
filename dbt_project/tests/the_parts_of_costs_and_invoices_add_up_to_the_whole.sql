{{ config(meta={"dagster": {"ref": {"name": "mart_segment_economics"}}}) }}
{#
    Every level of the bridge and of the no-shows adds up to the company, months and quarters to years, and the whole
    is what the lines, the activities and the working time say.
#}
with

invoice_lines as (

    select *

    from {{ ref('fct_invoice_lines') }}

    where issued_date <= {{ as_of_date() }}

),

missed as (

    select *

    from {{ ref('fct_activities') }}

    where is_appointment and is_no_show and activity_date <= {{ as_of_date() }}

),

worked as (

    select * from {{ ref('int_rep_months_worked') }}

),

effort as (

    select * from {{ ref('mart_sales_effort') }}

),

logged as (

    select
        effort.rep_id,
        sum(effort.minutes) as minutes,
        effort.month_start_date

    from effort

    inner join worked
        on
            effort.rep_id = worked.rep_id
            and effort.month_start_date = worked.month_start_date

    group by effort.rep_id, effort.month_start_date

),

parts as (

    {%- for measure in ['invoiced_net', 'margin'] %}
    select
        '{{ measure }}' as of_what,
        'bridge by ' || level as scope,
        coalesce(sum({{ measure }}), 0) as amount

    from {{ ref('mart_revenue_bridge') }}

    group by level

    union all
    {% endfor %}
    {%- for measure in ['invoiced_net', 'margin', 'acquisition_cost'] %}
    select
        '{{ measure }}' as of_what,
        'segments by ' || period_grain as scope,
        sum({{ measure }}) as amount

    from {{ ref('mart_segment_economics') }}

    group by period_grain

    union all
    {% endfor %}
    select
        'no-shows' as of_what,
        level as scope,
        sum(no_show_count) as amount

    from {{ ref('mart_no_shows') }}

    group by level

    union all

    select
        'minutes of ' || rep_id || ' in ' || cast(month_start_date as varchar) as of_what,
        'effort' as scope,
        minutes as amount

    from logged

),

wholes as (

    select
        'invoiced_net' as of_what,
        coalesce(sum(amount), 0) as whole

    from invoice_lines

    union all

    select
        'margin' as of_what,
        coalesce(sum(margin), 0) as whole

    from invoice_lines

    union all

    select
        'acquisition_cost' as of_what,
        coalesce(sum(marketing_spend + effort_cost), 0) as whole

    from {{ ref('int_segment_days') }}

    union all

    select
        'no-shows' as of_what,
        count(*) as whole

    from missed

    union all

    select
        'minutes of ' || rep_id || ' in ' || cast(month_start_date as varchar) as of_what,
        working_minutes as whole

    from worked

)

select
    parts.of_what,
    parts.scope,
    parts.amount,
    wholes.whole

from parts

left outer join wholes
    on parts.of_what = wholes.of_what

where parts.amount is distinct from wholes.whole
