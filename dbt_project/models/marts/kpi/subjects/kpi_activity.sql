{#
    Minutes are those spent: what was moved or cancelled took none. An appointment whose outcome nobody
    noted is neither held nor missed.
#}
{%- set levels = {'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id'} -%}
with

activities as (

    select *

    from {{ ref('fct_activities') }}

    where activity_date <= {{ as_of_date() }}

),

appointments as (

    select *

    from activities

    where is_appointment and (is_held or is_no_show)

),

no_shows as (

    select *

    from appointments

    where is_no_show

),

appointments_and_wins as (

    select * from {{ ref('int_appointments_and_wins') }}

),

effort as (

    select
        *,
        -- The 15th lies in the fiscal month of the same number in any fiscal calendar.
        least({{ add_days('month_start_date', 14) }}, {{ as_of_date() }}) as effort_date

    from {{ ref('mart_sales_effort') }}

),

measured as (

    {{ kpi(
        'no_show_rate',
        relation='appointments',
        day='activity_date',
        numerator='case when is_no_show then 1 else 0 end',
        denominator='1',
        levels=levels,
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'no_show_cost',
        relation='no_shows',
        day='activity_date',
        numerator='no_show_cost',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'rebooked_share',
        relation='no_shows',
        day='activity_date',
        numerator='case when is_rebooked then 1 else 0 end',
        denominator='1',
        levels=levels,
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'appointments_per_win',
        relation='appointments_and_wins',
        day='event_date',
        numerator='held',
        denominator='won',
        levels=levels,
        observations='won'
    ) }}

    union all

    {{ kpi(
        'administrative_share',
        relation='activities',
        day='activity_date',
        numerator='case when not is_selling then minutes when is_selling and minutes is not null then 0 end',
        denominator='minutes',
        levels={'rep': 'rep_id', 'team': 'team'},
        least=var('min_n')
    ) }}

    union all

    {{ kpi(
        'unlogged_share',
        relation='effort',
        day='effort_date',
        numerator='case when is_unlogged then minutes else 0 end',
        denominator='minutes',
        levels={'rep': 'rep_id', 'team': 'team'},
        kind='month'
    ) }}

)

select * from measured
