{%- set levels = {'segment': 'segment_id'} -%}
{%- set min_n = var('min_n') -%}
with

qualified as (

    select * from {{ ref('int_deals_qualified') }}

),

members as (

    {{ by_level('qualified', levels) }}

),

counted as (

    select
        level,
        member,
        count(case when state = 'open' then 1 end) as open_count,
        count(case when state <> 'open' and is_recent then 1 end) as resolved_count,
        count(case when state = 'won' and is_recent then 1 end) as won_count,
        count(case when state = 'won' and is_recent then amount end) as basket_count,
        sum(case when state = 'won' and is_recent then amount end) as won_amount,
        -- Decimals: a sum of doubles would depend on the order of adding.
        sum(case when state = 'won' and is_recent then cast(cycle_days as decimal(18, 6)) end) as cycle_days

    from members

    group by level, member

),

averaged as (

    select
        *,
        {{ judged_rate('won_count', 'resolved_count') }} as win_rate,
        case
            when basket_count >= {{ min_n }}
                then cast({{ safe_divide('won_amount', 'basket_count') }} as decimal(18, 2))
        end as average_basket,
        {{ judged_rate('cycle_days', 'won_count') }} as average_cycle_days

    from counted

)

select
    level,
    member,
    open_count,
    resolved_count,
    won_count,
    basket_count,
    win_rate,
    average_basket,
    average_cycle_days,
    {{ safe_divide('open_count * win_rate * average_basket', 'average_cycle_days') }} as velocity

from averaged

order by level, member
