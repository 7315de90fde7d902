{#
    One row per uninterrupted stay of an opportunity in one stage and state, closed ones included.
    Visits, transitions and cycles are read off this sequence.
#}
with

versions as (

    select * from {{ ref('int_opportunities_versioned') }}

),

neighbours as (

    select
        *,
        lag(stage_id) over (partition by opportunity_id order by valid_from) as stage_id_before,
        lag(state) over (partition by opportunity_id order by valid_from) as state_before

    from versions

),

marked as (

    select
        *,
        case when stage_id = stage_id_before and state = state_before then 0 else 1 end as starts_spell

    from neighbours

),

numbered as (

    select
        *,
        sum(starts_spell) over (
            partition by opportunity_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as spell_no

    from marked

),

spells as (

    select
        opportunity_id,
        stage_id,
        state,
        stage_position,
        cast(spell_no as integer) as spell_no,
        max_by(rep_id, valid_from) as rep_id,
        bool_or(is_stage_reconstructed) as is_reconstructed,
        min(valid_from) as entered_at

    from numbered

    group by opportunity_id, stage_id, state, stage_position, spell_no

),

sequenced as (

    select
        *,
        lag(stage_id) over (partition by opportunity_id order by spell_no) as previous_stage_id,
        lag(stage_position) over (partition by opportunity_id order by spell_no) as previous_position,
        lag(state) over (partition by opportunity_id order by spell_no) as previous_state,
        lead(stage_id) over (partition by opportunity_id order by spell_no) as next_stage_id,
        lead(stage_position) over (partition by opportunity_id order by spell_no) as next_position,
        lead(state) over (partition by opportunity_id order by spell_no) as next_state,
        lead(entered_at) over (partition by opportunity_id order by spell_no) as left_at

    from spells

)

select
    *,
    cast(1 + sum(case when state = 'open' and previous_state in ('won', 'lost') then 1 else 0 end) over (
        partition by opportunity_id
        order by spell_no
        rows between unbounded preceding and current row
    ) as integer) as cycle_no

from sequenced
