{#
    Which events are stages of the deal: all but the work (W_). An offer's event (O_) is a stage as long
    as its application is open: it says how far the deal has come. Written at the closing or after it,
    the event speaks of the offer alone (its cancellation follows from the application's), and a closed
    deal stays closed. An application's own event (A_) always counts: were it to reopen the deal, that
    would be what happened.

    What is closed is on the desk, in stages.csv. There an offer that is cancelled or declined stands
    before a selected one: the deal falls back to where the next offer is made.
#}
with

events as (

    {{ latest_rows(source('raw_bpic2012', 'events')) }}

),

stages as (

    select * from {{ ref('stages') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('case:concept:name') }} as opportunity_id,
        {{ adapter.quote('concept:name') }} as stage_id,
        {{ adapter.quote('org:resource') }} as actor_id,

        -- numerics
        {{ adapter.quote('case:AMOUNT_REQ') }} as amount_doc,
        event_seq as sequence,

        -- timestamps
        {{ adapter.quote('case:REG_DATE') }} as created_at,
        {{ adapter.quote('time:timestamp') }} as changed_at,

        -- lake
        {{ lake_columns() }}

    from events

    where substring({{ adapter.quote('concept:name') }}, 1, 2) <> 'W_'

),

staged as (

    select
        renamed.*,
        substring(renamed.stage_id, 1, 2) = 'O_' as is_offer,
        -- An unknown stage is neither open nor closed: this cast cannot succeed, and says why.
        coalesce(
            stages.is_closed,
            cast('stage ' || renamed.stage_id || ' is not on the desk: add it to stages.csv' as boolean)
        ) as is_closed

    from renamed

    left outer join stages
        on renamed.stage_id = stages.stage_id

),

judged as (

    select
        *,
        -- Whoever acted last answers for the deal.
        {{ last_known('actor_id', 'partition by opportunity_id order by changed_at, sequence') }} as rep_id,
        {{ last_known(
            'case when not is_offer then is_closed end',
            'partition by opportunity_id order by changed_at, sequence'
        ) }} as is_over

    from staged

),

stepped as (

    select
        *,
        row_number() over so_far as step_no,
        lag(stage_id) over so_far as previous_stage_id,
        lag(rep_id) over so_far as previous_rep_id

    from judged

    where not (is_offer and coalesce(is_over, false))

    window so_far as (partition by opportunity_id order by changed_at, sequence)

)

select * from stepped
