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

fiscal_periods as (

    select * from {{ ref('int_fiscal_periods_dated') }}

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

    select
        cases.*,
        fiscal_periods.period_grain,
        fiscal_periods.period_start_date,
        fiscal_periods.period_end_date,
        case
            when cases.basis = 'created' then cases.case_date
            else least({{ as_of_date() }}, fiscal_periods.period_end_date)
        end as stamped_date

    from cases

    inner join fiscal_periods
        on
            cases.case_date >= fiscal_periods.period_start_date
            and cases.case_date <= fiscal_periods.period_end_date

)

select
    periods.basis,
    periods.opportunity_id,
    periods.period_grain,
    day_states.rep_id,
    coalesce(day_states.team, 'unknown') as team,
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
    periods.period_start_date,
    periods.period_end_date

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
