with

source as (

    select * from {{ source('raw_hubspot', 'engagements') }}

),

renamed as (

    select

        -- ids: a key is one among its kind only
        _key as activity_id,
        owner_id as rep_id,
        company_id as account_id,
        deal_id as opportunity_id,
        contact_id,
        cast(null as varchar) as moved_to_id,

        -- strings
        case object
            when 'calls' then 'call'
            when 'meetings' then 'meeting'
            when 'emails' then 'email'
            else 'preparation'
        end as activity_type,
        case coalesce(meeting_outcome, call_status, task_status)
            when 'COMPLETED' then 'held'
            when 'SCHEDULED' then 'planned'
            when 'NOT_STARTED' then 'planned'
            when 'RESCHEDULED' then 'moved'
            when 'NO_SHOW' then 'no_show'
            when 'CANCELED' then 'cancelled'
        end as activity_status,

        -- numerics
        coalesce(
            cast(round(call_milliseconds / 60000.0) as bigint),
            cast(round({{ elapsed_microseconds('meeting_starts_at', 'meeting_ends_at') }} / 60000000.0) as bigint)
        ) as minutes,

        -- booleans
        object = 'meetings' as is_appointment,
        object <> 'tasks' as is_selling,

        -- timestamps
        created_at as booked_at,
        coalesce(meeting_starts_at, happens_at) as planned_at,
        cast(null as timestamp) as status_at,

        -- lake: what lies in the bin counts as vanished
        _key,
        case when is_archived then 'delete' else _op end as _op,
        _source_file,
        _row_number,
        _extracted_at

    from source

)

select * from renamed
