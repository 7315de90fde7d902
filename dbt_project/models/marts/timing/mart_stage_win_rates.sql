{#
    One-sided two-proportion test with the pooled share, of the hypothesis that deals in the later stage win
    at least as often. The cohorts are those of int_deals_sampled: no deal is in two of them, so the counts are
    independent, as the test wants them.
#}
{%- set levels = {
    'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'record_type': 'record_type'
} -%}
with

deals as (

    select * from {{ ref('int_deals_sampled') }}

),

members as (

    {{ by_level('deals', levels) }}

),

cohorts as (

    select
        level,
        member,
        stage_id,
        stage_position,
        count(case when not is_resolved then 1 end) as unresolved_count,
        count(case when is_resolved then 1 end) as resolved_count,
        count(case when is_won then 1 end) as won_count

    from members

    group by level, member, stage_id, stage_position

),

paired as (

    select
        *,
        lead(stage_id) over stages_in_order as next_stage_id,
        lead(unresolved_count) over stages_in_order as next_unresolved_count,
        lead(resolved_count) over stages_in_order as next_resolved_count,
        lead(won_count) over stages_in_order as next_won_count

    from cohorts

    window stages_in_order as (partition by level, member order by stage_position)

),

rated as (

    select
        *,
        {{ safe_divide('won_count', 'resolved_count') }} as share,
        {{ safe_divide('next_won_count', 'next_resolved_count') }} as next_share,
        {{ safe_divide('won_count + next_won_count', 'resolved_count + next_resolved_count') }} as pooled_share,
        resolved_count >= {{ var('min_n') }} and next_resolved_count >= {{ var('min_n') }} as is_judged

    from paired

    where next_stage_id is not null

),

tested as (

    select
        *,
        case
            when is_judged and pooled_share > 0 and pooled_share < 1
                then (next_share - share) / sqrt(
                    pooled_share * (1 - pooled_share)
                    * (1 / cast(resolved_count as double) + 1 / cast(next_resolved_count as double))
                )
            -- Nothing won, or everything: neither a rise nor a fall.
            when is_judged then cast(0 as double)
        end as z

    from rated

),

judged as (

    select
        *,
        1 - ({{ normal_upper_tail('z') }}) as p_value

    from tested

)

select
    level,
    member,
    stage_id,
    next_stage_id,
    stage_position,
    unresolved_count,
    resolved_count,
    won_count,
    next_unresolved_count,
    next_resolved_count,
    next_won_count,
    case when resolved_count >= {{ var('min_n') }} then share end as win_rate,
    case when next_resolved_count >= {{ var('min_n') }} then next_share end as next_win_rate,
    z,
    p_value,
    is_judged,
    coalesce(p_value > 0.95, false) as is_rising,
    coalesce(p_value < 0.05, false) as is_falling

from judged

order by level, member, stage_position
