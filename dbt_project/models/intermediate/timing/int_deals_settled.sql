{#
    Where every deal has got to by as_of, with what timing is measured by. An open deal is worth today's
    plan rate, a closed one that of its closing; empty attributes are told as unknown.
#}
{%- set is_settled = "day_states.state in ('won', 'lost')" -%}
{%- set amount = 'case when ' ~ is_settled ~ ' then opportunities.amount else day_states.amount end' -%}
with

day_states as (

    select *

    from {{ ref('fct_opportunity_day_states') }}

    where from_date <= {{ as_of_date() }} and until_date > {{ as_of_date() }}

),

-- The end of the last run in which it was there: of what was restored and binned again, the second bin counts.
stays as (

    select
        opportunity_id,
        max(until_date) as gone_date

    from {{ ref('fct_opportunity_day_states') }}

    where state is distinct from 'deleted' and state is distinct from 'merged'

    group by opportunity_id

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

closings as (

    select *

    from {{ ref('int_closings_dated') }}

    where reversed_date is null

),

stages as (

    select * from {{ ref('dim_stages') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

)

select
    day_states.opportunity_id,
    opportunities.account_id,
    day_states.rep_id,
    coalesce(reps.team, 'unknown') as team,
    coalesce(day_states.segment_id, 'unknown') as segment_id,
    day_states.origin,
    coalesce(opportunities.record_type, 'unknown') as record_type,
    day_states.stage_id,
    day_states.forecast_category,
    day_states.state,
    {{ amount }} as amount,
    day_states.weighted_amount,
    day_states.win_probability,
    coalesce(day_states.state = 'lost' and stages.is_unqualified, false) as is_unqualified,
    day_states.amount_doc is not null and {{ amount }} is null as is_unvalued,
    day_states.expected_close_date,
    opportunities.created_date,
    closings.closed_date,
    case when day_states.state in ('deleted', 'merged') then stays.gone_date end as gone_date,
    opportunities.created_at,
    closings.closed_at

from day_states

inner join opportunities
    on day_states.opportunity_id = opportunities.opportunity_id

left outer join stays
    on day_states.opportunity_id = stays.opportunity_id

left outer join closings
    on
        day_states.opportunity_id = closings.opportunity_id
        and day_states.state = closings.state

left outer join stages
    on day_states.stage_id = stages.stage_id

left outer join reps
    on day_states.rep_id = reps.rep_id
