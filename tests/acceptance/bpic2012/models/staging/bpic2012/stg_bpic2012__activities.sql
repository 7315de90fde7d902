{#
    A piece of work lasts from its START to the COMPLETE that follows on the same application and kind
    of work. A COMPLETE without START only takes the work off somebody's list: nobody worked.
#}
with

events as (

    {{ latest_rows(source('raw_bpic2012', 'events')) }}

),

work as (

    select
        events.*,
        lead({{ adapter.quote('lifecycle:transition') }}) over so_far as next_transition,
        lead({{ adapter.quote('org:resource') }}) over so_far as next_actor_id,
        lead({{ adapter.quote('time:timestamp') }}) over so_far as next_at

    from events

    where
        substring({{ adapter.quote('concept:name') }}, 1, 2) = 'W_'
        and {{ adapter.quote('lifecycle:transition') }} in ('START', 'COMPLETE')

    window so_far as (
        partition by {{ adapter.quote('case:concept:name') }}, {{ adapter.quote('concept:name') }}
        order by {{ adapter.quote('time:timestamp') }}, event_seq
    )

),

pieces as (

    select
        *,
        {{ adapter.quote('time:timestamp') }} as started_at,
        case when next_transition = 'COMPLETE' then next_actor_id end as completed_by,
        case when next_transition = 'COMPLETE' then next_at end as completed_at

    from work

    where {{ adapter.quote('lifecycle:transition') }} = 'START'

),

renamed as (

    select

        -- ids
        _key as activity_id,
        -- Effort belongs to who completes the work; a quarter of the pieces name nobody.
        coalesce(completed_by, {{ adapter.quote('org:resource') }}) as rep_id,
        cast(null as varchar) as account_id,
        {{ adapter.quote('case:concept:name') }} as opportunity_id,
        cast(null as varchar) as contact_id,
        cast(null as varchar) as moved_to_id,

        -- strings
        substring({{ adapter.quote('concept:name') }}, 3) as activity_type,
        case when completed_at is not null then 'held' end as activity_status,

        -- numerics
        cast(round({{ elapsed_days('started_at', 'completed_at') }} * 24 * 60) as bigint) as minutes,

        -- booleans
        false as is_appointment,
        -- The log does not say which work sells and which administers.
        cast(null as boolean) as is_selling,

        -- timestamps
        cast(null as timestamp) as booked_at,
        started_at as planned_at,
        completed_at as status_at,

        -- lake
        {{ lake_columns() }}

    from pieces

)

select * from renamed
