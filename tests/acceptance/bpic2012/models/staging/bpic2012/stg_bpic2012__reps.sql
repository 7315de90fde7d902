{# The log has no list of actors: one is derived from the last event that names it. #}
with

events as (

    {{ latest_rows(source('raw_bpic2012', 'events')) }}

),

last_events as (

    select *

    from events

    where {{ adapter.quote('org:resource') }} is not null

    qualify row_number() over (
        partition by {{ adapter.quote('org:resource') }}
        order by _extracted_at desc, _row_number desc
    ) = 1

),

renamed as (

    select

        -- ids
        {{ adapter.quote('org:resource') }} as rep_id,
        cast(null as varchar) as manager_id,

        -- strings
        {{ adapter.quote('org:resource') }} as rep_name,
        cast(null as varchar) as team,
        cast(null as varchar) as territory,
        cast(null as varchar) as seniority,
        cast(null as varchar) as time_zone,

        -- dates
        cast(null as date) as hired_date,
        cast(null as date) as left_date,

        -- lake: the key is the actor's, no longer the event's
        {{ adapter.quote('org:resource') }} as _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at

    from last_events

)

select * from renamed
