{#
    The cases behind win rates, stamped with rep, segment and origin. A closing counts in its period when
    it still holds at the period's close (or at as_of, while the period runs), and in the restated
    value when it holds at as_of. A creation counts once, whatever became of it, unless merged or binned; one
    that sleeps is still open. What was found unqualified counts nowhere.
#}
with

closings as (

    select * from {{ ref('int_closings_dated') }}

),

settled as (

    select * from {{ ref('int_deals_settled') }}

),

day_states as (

    select * from {{ ref('fct_opportunity_day_states') }}

),

stages as (

    select * from {{ ref('dim_stages') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

cases as (

    select
        'closed' as basis,
        opportunity_id,
        state as outcome,
        closed_date as case_date,
        reversed_date

    from closings

    union all

    select
        'created' as basis,
        opportunity_id,
        case when state = 'dormant' then 'open' else state end as outcome,
        created_date as case_date,
        cast(null as date) as reversed_date

    from settled

),

periods as (

    {%- for grain, months in {'month': 1, 'quarter': 3}.items() %}
    {%- set next_start = "date_trunc('" ~ grain ~ "', case_date) + interval " ~ months ~ ' month' %}
    select
        *,
        '{{ grain }}' as period_grain,
        cast(date_trunc('{{ grain }}', case_date) as date) as period_start_date,
        case
            when basis = 'created' then case_date
            else least({{ as_of_date() }}, {{ add_days('cast(' ~ next_start ~ ' as date)', -1) }})
        end as stamped_date

    from cases
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    periods.basis,
    periods.opportunity_id,
    periods.period_grain,
    day_states.rep_id,
    coalesce(reps.team, 'unknown') as team,
    coalesce(day_states.segment_id, 'unknown') as segment_id,
    day_states.origin,
    periods.outcome,
    settled.created_at,
    case
        when periods.basis = 'created'
            then periods.outcome in ('open', 'won', 'lost') and not settled.is_unqualified
        else
            day_states.state = periods.outcome
            and coalesce(periods.reversed_date > periods.stamped_date, true)
            and not (periods.outcome = 'lost' and coalesce(stages.is_unqualified, false))
    end as is_counted,
    periods.basis = 'closed'
    and settled.state = periods.outcome
    and periods.reversed_date is null
    and not settled.is_unqualified as is_restated,
    periods.period_start_date

from periods

inner join day_states
    on
        periods.opportunity_id = day_states.opportunity_id
        and periods.stamped_date >= day_states.from_date
        and periods.stamped_date < day_states.until_date

inner join settled
    on periods.opportunity_id = settled.opportunity_id

left outer join stages
    on day_states.stage_id = stages.stage_id

left outer join reps
    on day_states.rep_id = reps.rep_id
