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
        rep_id,
        segment_id,
        bool_or(is_stage_reconstructed) over (partition by opportunity_id, spell_no) as is_reconstructed,
        min(valid_from) over (partition by opportunity_id, spell_no) as entered_at,
        min(told_at) over (partition by opportunity_id, spell_no) as told_at

    from numbered

    -- Rep and segment are those of the stay's last version, empty ones too.
    qualify row_number() over (partition by opportunity_id, spell_no order by valid_from desc) = 1

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
        lead(entered_at) over (partition by opportunity_id order by spell_no) as left_at,
        -- What it was before, a stay in the bin or asleep left out: lost, binned and open again is reopened.
        {{ last_known(
            "case when state in ('open', 'won', 'lost') then state end",
            'partition by opportunity_id order by spell_no rows between unbounded preceding and 1 preceding'
        ) }} as previous_outcome

    from spells

)

select
    opportunity_id,
    stage_id,
    state,
    stage_position,
    spell_no,
    rep_id,
    segment_id,
    is_reconstructed,
    entered_at,
    told_at,
    previous_stage_id,
    previous_position,
    previous_state,
    next_stage_id,
    next_position,
    next_state,
    left_at,
    cast(1 + sum(case when state = 'open' and previous_outcome in ('won', 'lost') then 1 else 0 end) over (
        partition by opportunity_id
        order by spell_no
        rows between unbounded preceding and current row
    ) as integer) as cycle_no

from sequenced
