{#
    The last 35 days and all before them in the same month, so that a month to date can be summed. A
    day on which nothing happened has a row of zeros.
#}
{%- set sums = [
    'created_count', 'won_count', 'lost_count', 'meetings_held_count', 'minutes', 'won_amount', 'invoiced_net',
    'opportunity_cost',
] -%}
with

rep_days as (

    select * from {{ ref('int_rep_days') }}

),

memberships as (

    select * from {{ ref('int_rep_memberships') }}

),

dates as (

    select
        date_day,
        month_start_date

    from {{ ref('dim_dates') }}

    where
        date_day <= {{ as_of_date() }}
        and date_day >= cast(date_trunc('month', {{ add_days(as_of_date(), -34) }}) as date)

),

members as (

    select distinct
        level,
        member

    from memberships

),

member_sums as (

    select
        memberships.level,
        memberships.member,
        {%- for name in sums %}
        sum(rep_days.{{ name }}) as {{ name }},
        {%- endfor %}
        rep_days.date_day

    from rep_days

    inner join memberships
        on
            rep_days.rep_id = memberships.rep_id
            and rep_days.date_day >= memberships.from_date
            and rep_days.date_day < memberships.until_date

    inner join dates
        on rep_days.date_day = dates.date_day

    group by memberships.level, memberships.member, rep_days.date_day

),

member_days as (

    select
        members.level,
        members.member,
        {%- for name in sums %}
        coalesce(member_sums.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        dates.date_day,
        dates.month_start_date

    from members

    cross join dates

    left outer join member_sums
        on
            members.level = member_sums.level
            and members.member = member_sums.member
            and dates.date_day = member_sums.date_day

)

select * from member_days
