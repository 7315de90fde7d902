{#
    Deleted, merged and unqualified deals are out of win rates. A merged one was never created either (its survivor
    was); a deleted one was. Team and segment are those of the day. What is created counts for the rep of that day, what is
    closed for the one who has the deal today, as objectives do.
#}
{%- set levels = {'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id_then', 'origin': 'origin'} -%}
{%- set levels_created = dict(levels, rep='rep_id_then') -%}
with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

segments as (

    select * from {{ ref('int_account_segments_dated') }}

),

closed as (

    select
        opportunities.*,
        teams.team,
        segments.segment_id as segment_id_then

    from opportunities

    left outer join teams
        on
            opportunities.rep_id = teams.rep_id
            and opportunities.closed_date >= teams.from_date
            and opportunities.closed_date < teams.until_date

    left outer join segments
        on
            opportunities.account_id = segments.account_id
            and opportunities.closed_date >= segments.from_date
            and opportunities.closed_date < segments.until_date

    where (opportunities.is_won or opportunities.is_lost) and opportunities.closed_date is not null

),

created as (

    select
        opportunities.*,
        nullif(day_states.rep_id, 'unassigned') as rep_id_then,
        day_states.team,
        day_states.segment_id as segment_id_then,
        coalesce(opportunities.state <> 'deleted', true) and not opportunities.is_unqualified as is_in_cohort

    from opportunities

    left outer join {{ ref('fct_opportunity_day_states') }} as day_states
        on
            opportunities.opportunity_id = day_states.opportunity_id
            and opportunities.created_date >= day_states.from_date
            and opportunities.created_date < day_states.until_date

    where opportunities.state is distinct from 'merged' and opportunities.created_date is not null

),

measured as (

    {{ kpi(
        'win_rate',
        relation='closed',
        day='closed_date',
        numerator='case when is_won then 1 when not is_unqualified then 0 end',
        denominator='case when not is_unqualified then 1 end',
        levels=levels,
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'won_amount',
        relation='closed',
        day='closed_date',
        numerator='case when is_won then amount end',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'average_basket',
        relation='closed',
        day='closed_date',
        numerator='case when is_won then amount end',
        denominator='case when is_won and amount is not null then 1 end',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'created_count',
        relation='created',
        day='created_date',
        numerator='1',
        levels=levels_created
    ) }}

    union all

    {{ kpi(
        'cohort_win_rate',
        relation='created',
        day='created_date',
        numerator='case when is_won then 1 when is_in_cohort then 0 end',
        denominator='case when is_in_cohort then 1 end',
        levels=levels_created,
        least=var('min_n'),
        is_proportion=true
    ) }}

)

select * from measured
