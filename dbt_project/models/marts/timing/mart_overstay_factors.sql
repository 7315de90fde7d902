{#
    How much of its chance a deal keeps when it is still in the stage at some age. Shrunk by a beta
    prior that is worth min_n visits and has the stage's own win rate p as its mean, so that few visits
    say little: factor = ((won + min_n x p) / (visits + min_n)) / p, which is 1 without any visit.
#}
{%- set min_n = var('min_n') -%}
with

visits as (

    select *

    from {{ ref('fct_stage_visits') }}

    where not is_open and not is_reconstructed

),

settled as (

    select *

    from {{ ref('int_deals_settled') }}

    where state in ('won', 'lost') and not is_unqualified

),

stages as (

    select * from {{ ref('dim_stages') }}

),

resolved as (

    select
        visits.stage_id,
        visits.days,
        settled.state = 'won' as is_won

    from visits

    inner join settled
        on visits.opportunity_id = settled.opportunity_id

),

entered as (

    select
        resolved.stage_id,
        stages.stage_position,
        stages.expected_days,
        count(*) as entered_count,
        count(case when resolved.is_won then 1 end) as entered_won_count,
        case
            when count(case when resolved.is_won then 1 end) >= {{ min_n }}
                then percentile_cont(0.8) within group (order by case when resolved.is_won then resolved.days end)
        end as p80_winner_days

    from resolved

    inner join stages
        on resolved.stage_id = stages.stage_id

    group by resolved.stage_id, stages.stage_position, stages.expected_days

),

age_points as (

    {%- for multiple in ['0.5', '1.0', '1.5', '2.0'] %}
    select
        *,
        '{{ multiple }} x expected' as age_point,
        {{ multiple }} * cast(expected_days as double) as age_days

    from entered

    union all
    {% endfor %}

    select
        *,
        'p80 of winners' as age_point,
        p80_winner_days as age_days

    from entered

),

counted as (

    select
        age_points.stage_id,
        age_points.age_point,
        age_points.stage_position,
        age_points.expected_days,
        age_points.age_days,
        age_points.p80_winner_days,
        age_points.entered_count,
        age_points.entered_won_count,
        count(resolved.stage_id) as still_count,
        count(case when resolved.is_won then 1 end) as still_won_count,
        {{ safe_divide('age_points.entered_won_count', 'age_points.entered_count') }} as entered_share

    from age_points

    left outer join resolved
        on
            age_points.stage_id = resolved.stage_id
            and age_points.age_days < resolved.days

    where age_points.age_days is not null

    group by all

)

select
    stage_id,
    age_point,
    stage_position,
    expected_days,
    age_days,
    p80_winner_days,
    entered_count,
    entered_won_count,
    still_count,
    still_won_count,
    {{ judged_rate('entered_won_count', 'entered_count') }} as entered_win_rate,
    {{ judged_rate('still_won_count', 'still_count') }} as still_win_rate,
    {{ wilson_low('still_won_count', 'still_count') }} as still_win_rate_low,
    {{ wilson_high('still_won_count', 'still_count') }} as still_win_rate_high,
    (still_won_count + {{ min_n }} * entered_share) / (still_count + {{ min_n }})
    / nullif(entered_share, 0) as overstay_factor

from counted

order by stage_position, age_days, age_point
