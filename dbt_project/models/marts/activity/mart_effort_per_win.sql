{#
    Ten meetings for one, fifteen for another, and the same result: work and wins of a rep with the accounts of a segment,
    each on its own day and in the segment of that day. They are of one period, not of the same deals. Work for no account
    is a row of its own, so that a rep's segments add up to the rep.
#}
{%- set sums = {
    'held_appointment_count': 'bigint', 'minutes': 'bigint', 'uncosted_minutes': 'bigint', 'cost': 'decimal(18, 4)',
    'won_count': 'bigint',
} -%}
with

worked as (

    select
        coalesce(rep_id, 'unassigned') as rep_id,
        case when account_id is null then 'none' else coalesce(segment_id, 'unknown') end as segment_id,
        count(case when is_appointment and is_held then 1 end) as held_appointment_count,
        coalesce(sum(minutes), 0) as minutes,
        coalesce(sum(case when cost is null then minutes end), 0) as uncosted_minutes,
        coalesce(sum(cost), 0) as cost,
        0 as won_count,
        activity_date as event_date

    from {{ ref('fct_activities') }}

    where activity_date <= {{ as_of_date() }}

    group by rep_id, account_id is null, segment_id, activity_date

),

won as (

    select
        coalesce(rep_id, 'unassigned') as rep_id,
        coalesce(segment_id, 'unknown') as segment_id,
        0 as held_appointment_count,
        0 as minutes,
        0 as uncosted_minutes,
        0 as cost,
        won as won_count,
        event_date

    from {{ ref('int_appointments_and_wins') }}

    where won > 0

),

events as (

    select * from worked
    union all
    select * from won

),

monthly as (

    select
        events.rep_id,
        events.segment_id,
        {%- for name in sums %}
        sum(events.{{ name }}) as {{ name }},
        {%- endfor %}
        dates.fiscal_month_start_date,
        dates.fiscal_quarter_start_date,
        dates.fiscal_year_start_date

    from events

    inner join {{ ref('dim_dates') }} as dates
        on events.event_date = dates.date_day

    group by
        events.rep_id,
        events.segment_id,
        dates.fiscal_month_start_date,
        dates.fiscal_quarter_start_date,
        dates.fiscal_year_start_date

),

summed as (

    {%- for grain in ['month', 'quarter', 'year'] %}
    select
        rep_id,
        segment_id,
        '{{ grain }}' as period_grain,
        {%- for name, data_type in sums.items() %}
        cast(sum({{ name }}) as {{ data_type }}) as {{ name }},
        {%- endfor %}
        fiscal_{{ grain }}_start_date as period_start_date

    from monthly

    group by rep_id, segment_id, fiscal_{{ grain }}_start_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    rep_id,
    segment_id,
    period_grain,
    {{ sums | join(',\n    ') }},
    {{ safe_divide('held_appointment_count', 'won_count') }} as appointments_per_win,
    {{ safe_divide('minutes', 'won_count') }} as minutes_per_win,
    case when uncosted_minutes = 0 then {{ safe_divide('cost', 'won_count') }} end as cost_per_win,
    period_start_date

from summed

order by period_grain, period_start_date, rep_id, segment_id
