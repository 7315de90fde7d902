{%- set levels = {
    'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'record_type': 'record_type'
} -%}
{%- set ways = {'touched': 'is_touched', 'reached': 'true'} -%}
with

stages_reached as (

    select * from {{ ref('int_stages_reached') }}

),

settled as (

    select *

    from {{ ref('int_deals_settled') }}

    where state in ('open', 'dormant', 'won', 'lost') and not is_unqualified

),

entries as (

    select
        stages_reached.stage_id,
        stages_reached.stage_position,
        stages_reached.is_touched,
        stages_reached.is_reconstructed,
        settled.rep_id,
        settled.team,
        settled.segment_id,
        settled.record_type,
        settled.state,
        -- An open deal may still add days to the stage.
        case when settled.state in ('won', 'lost') then stages_reached.days end as days

    from stages_reached

    inner join settled
        on stages_reached.opportunity_id = settled.opportunity_id

),

member_entries as (

    {{ by_level('entries', levels) }}

),

counted as (

    select
        level,
        member,
        stage_id,
        stage_position,
        {%- for way, condition in ways.items() %}
        count(case when {{ condition }} then 1 end) as {{ way }}_count,
        count(case when {{ condition }} and state in ('open', 'dormant') then 1 end) as {{ way }}_open_count,
        count(case when {{ condition }} and state in ('won', 'lost') then 1 end) as {{ way }}_resolved_count,
        count(case when {{ condition }} and state = 'won' then 1 end) as {{ way }}_won_count,
        {%- endfor %}
        count(case when is_reconstructed then 1 end) as reconstructed_count,
        percentile_cont(0.5) within group (order by days) as median_days,
        percentile_cont(0.8) within group (order by days) as p80_days

    from member_entries

    group by level, member, stage_id, stage_position

)

select
    level,
    member,
    stage_id,
    stage_position,
    {%- for way in ways %}
    {{ way }}_count,
    {{ way }}_open_count,
    {{ way }}_resolved_count,
    {{ way }}_won_count,
    {{ judged_rate(way ~ '_won_count', way ~ '_resolved_count') }} as {{ way }}_win_rate,
    {{ wilson_low(way ~ '_won_count', way ~ '_resolved_count') }} as {{ way }}_win_rate_low,
    {{ wilson_high(way ~ '_won_count', way ~ '_resolved_count') }} as {{ way }}_win_rate_high,
    {%- endfor %}
    reconstructed_count,
    median_days,
    p80_days

from counted

order by level, member, stage_position
