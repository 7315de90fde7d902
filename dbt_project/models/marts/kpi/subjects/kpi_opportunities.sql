{#
    Deleted, merged and unqualified deals are out of win rates. A merged one was never created either (its survivor
    was); a deleted one was.
#}
{%- set levels = {'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'origin': 'origin'} -%}
with

opportunities as (

    select
        opportunities.*,
        reps.team

    from {{ ref('fct_opportunities') }} as opportunities

    left outer join {{ ref('dim_reps') }} as reps
        on opportunities.rep_id = reps.rep_id

),

closed as (

    select *

    from opportunities

    where (is_won or is_lost) and closed_date is not null

),

created as (

    select *

    from opportunities

    where state is distinct from 'merged' and created_date is not null

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
        levels=levels
    ) }}

)

select * from measured
