{#
    Minutes are those spent: what was moved or cancelled took none. An appointment whose outcome nobody
    noted is neither held nor missed.
#}
{%- set levels = {'rep': 'rep_id', 'team': 'team'} -%}
with

activities as (

    select
        activities.*,
        reps.team

    from {{ ref('fct_activities') }} as activities

    left outer join {{ ref('dim_reps') }} as reps
        on activities.rep_id = reps.rep_id

    where activities.activity_date <= {{ as_of_date() }}

),

appointments as (

    select *

    from activities

    where is_appointment and (is_held or is_no_show)

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
        'administrative_share',
        relation='activities',
        day='activity_date',
        numerator='case when not is_selling then minutes when is_selling and minutes is not null then 0 end',
        denominator='minutes',
        levels=levels,
        least=var('min_n')
    ) }}

)

select * from measured
