{%- set levels = {'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'origin': 'origin'} -%}
with

outcomes as (

    select *

    from {{ ref('int_outcomes_dated') }}

    where is_counted or is_restated

),

member_outcomes as (

    {{ by_level('outcomes', levels) }}

),

counted as (

    select
        basis,
        period_grain,
        level,
        member,
        count(case when is_counted then 1 end) as case_count,
        count(case when is_counted and outcome = 'won' then 1 end) as won_count,
        count(case when is_counted and outcome = 'lost' then 1 end) as lost_count,
        count(case when is_counted and outcome = 'open' then 1 end) as open_count,
        count(case when is_restated then 1 end) as restated_case_count,
        count(case when is_restated and outcome = 'won' then 1 end) as restated_won_count,
        -- Decimals: a sum of doubles would depend on the order of adding.
        sum(case
            when is_counted and outcome = 'open'
                then cast({{ elapsed_days('created_at', as_of_at()) }} as decimal(18, 6))
        end) as open_days,
        period_start_date,
        period_end_date

    from member_outcomes

    group by basis, period_grain, level, member, period_start_date, period_end_date

)

select
    basis,
    period_grain,
    level,
    member,
    case_count,
    won_count,
    lost_count,
    open_count,
    {{ judged_rate('won_count', 'case_count') }} as win_rate,
    {{ wilson_low('won_count', 'case_count') }} as win_rate_low,
    {{ wilson_high('won_count', 'case_count') }} as win_rate_high,
    case when basis = 'closed' then restated_case_count end as restated_case_count,
    case when basis = 'closed' then restated_won_count end as restated_won_count,
    case
        when basis = 'closed' then {{ judged_rate('restated_won_count', 'restated_case_count') }}
    end as restated_win_rate,
    {{ safe_divide('open_count', 'case_count') }} as open_share,
    {{ safe_divide('open_days', 'open_count') }} as mean_open_days,
    period_end_date <= {{ as_of_date() }} as is_period_over,
    period_start_date

from counted

order by basis, period_grain, period_start_date, level, member
