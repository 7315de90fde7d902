{{ config(meta={"dagster": {"ref": {"name": "mart_segment_economics"}}}) }}
{#
    Every level of the bridge and of the no-shows adds up to the company, months and quarters to years, and the whole
    is what the lines, the activities and the working time say.
#}
with

sums as (

    select
        'invoiced net of the bridge, ' || level as of_what,
        coalesce(sum(invoiced_net), 0) as amount,
        (select coalesce(sum(amount), 0) from {{ ref('fct_invoice_lines') }} where issued_date <= {{ as_of_date() }}) as whole

    from {{ ref('mart_revenue_bridge') }}

    group by level

    union all

    select
        'margin of the bridge, ' || level as of_what,
        coalesce(sum(margin), 0) as amount,
        (select coalesce(sum(margin), 0) from {{ ref('fct_invoice_lines') }} where issued_date <= {{ as_of_date() }}) as whole

    from {{ ref('mart_revenue_bridge') }}

    group by level

    union all

    select
        'invoiced net of the segments by ' || period_grain as of_what,
        coalesce(sum(invoiced_net), 0) as amount,
        (select coalesce(sum(amount), 0) from {{ ref('fct_invoice_lines') }} where issued_date <= {{ as_of_date() }}) as whole

    from {{ ref('mart_segment_economics') }}

    group by period_grain

    union all

    select
        'acquisition cost by ' || period_grain as of_what,
        sum(acquisition_cost) as amount,
        (select sum(marketing_spend + effort_cost) from {{ ref('int_segment_days') }}) as whole

    from {{ ref('mart_segment_economics') }}

    group by period_grain

    union all

    select
        'no-shows, ' || level as of_what,
        sum(no_show_count) as amount,
        (
            select count(*)

            from {{ ref('fct_activities') }}

            where is_appointment and is_no_show and activity_date <= {{ as_of_date() }}
        ) as whole

    from {{ ref('mart_no_shows') }}

    group by level

    union all

    select
        'minutes of ' || effort.rep_id as of_what,
        sum(effort.minutes) as amount,
        min(worked.working_minutes) as whole

    from {{ ref('mart_sales_effort') }} as effort

    inner join {{ ref('int_rep_months_worked') }} as worked
        on
            effort.rep_id = worked.rep_id
            and effort.month_start_date = worked.month_start_date

    group by effort.rep_id, effort.month_start_date

)

select
    of_what,
    amount,
    whole

from sums

where amount <> whole
