{#
    Two outcomes, kept apart. Ever won: a win is for good, whatever is reopened after it; lost and binned are told as they
    stand, and open again is not known yet. Won by the end of the stated month: as it stood on that day. What was merged
    away while it was open is answered for by its survivor.
#}
{%- set columns = [
    'opportunity_id', 'rep_id', 'stage_id', 'horizon_days', 'amount', 'stated_probability', 'stage_rate',
    'calibrated_probability', 'days_in_stage', 'is_reconstructed', 'expected_close_date', 'stated_date',
    'period_end_date',
] -%}
with

statements as (

    select {{ columns | join(', ') }} from {{ ref('int_deals_due') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_deals_last_stated') }}

),

closings as (

    select * from {{ ref('int_closings_dated') }}

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

settled as (

    select * from {{ ref('int_deals_settled') }}

),

closed as (

    select
        statements.opportunity_id,
        statements.horizon_days,
        statements.stated_date,
        min_by(closings.state, closings.closed_at) as first_state,
        min(closings.closed_date) as first_closed_date,
        bool_or(closings.state = 'won') as has_won,
        bool_or(closings.reversed_date is null) as is_closed,
        bool_or(
            closings.state = 'won'
            and closings.closed_date <= statements.period_end_date
            and coalesce(closings.reversed_date > statements.period_end_date, true)
        ) as is_won_by_period

    from statements

    inner join closings
        on
            statements.opportunity_id = closings.opportunity_id
            -- What had closed by then, but was told later, was still open to whoever spoke.
            and statements.stated_date < greatest(closings.closed_date, closings.known_date)
            and coalesce(statements.stated_date < closings.reversed_date, true)

    group by statements.opportunity_id, statements.horizon_days, statements.stated_date

)

select
    statements.*,
    teams.team,
    closed.first_state,
    case
        when closed.has_won then true
        when closed.is_closed or settled.state = 'deleted' then false
    end as is_ever_won,
    case
        when coalesce(statements.period_end_date > {{ as_of_date() }}, true) then cast(null as boolean)
        when closed.is_won_by_period then true
        when
            settled.state = 'merged'
            and settled.gone_date <= statements.period_end_date
            and not coalesce(closed.is_closed, false)
            then cast(null as boolean)
        else false
    end as is_won_by_period,
    closed.first_closed_date,
    settled.gone_date

from statements

inner join settled
    on statements.opportunity_id = settled.opportunity_id

left outer join teams
    on
        statements.rep_id = teams.rep_id
        and statements.stated_date >= teams.from_date
        and statements.stated_date < teams.until_date

left outer join closed
    on
        statements.opportunity_id = closed.opportunity_id
        and statements.horizon_days = closed.horizon_days
        and statements.stated_date = closed.stated_date
