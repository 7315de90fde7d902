{#
    One-sided two-proportion test with the pooled share: how likely so great a rise would be if both
    stages won equally often. The cohorts share deals, so the p value is a yardstick, not a proof.
#}
with

conversions as (

    select * from {{ ref('mart_stage_conversions') }}

),

paired as (

    select
        level,
        member,
        stage_id,
        stage_position,
        touched_resolved_count as resolved_count,
        touched_won_count as won_count,
        lead(stage_id) over stages_in_order as next_stage_id,
        lead(touched_resolved_count) over stages_in_order as next_resolved_count,
        lead(touched_won_count) over stages_in_order as next_won_count

    from conversions

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
            -- Nothing won, or everything: no rise whatever.
            when is_judged then cast(0 as double)
        end as z

    from rated

),

judged as (

    select
        *,
        {{ normal_upper_tail('z') }} as p_value

    from tested

)

select
    level,
    member,
    stage_id,
    next_stage_id,
    stage_position,
    resolved_count,
    won_count,
    next_resolved_count,
    next_won_count,
    case when resolved_count >= {{ var('min_n') }} then share end as win_rate,
    case when next_resolved_count >= {{ var('min_n') }} then next_share end as next_win_rate,
    z,
    p_value,
    is_judged,
    coalesce(p_value > 0.05, false) as is_not_rising

from judged

order by level, member, stage_position
