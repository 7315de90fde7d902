with

tasks as (

    select * from {{ source('raw_salesforce', 'tasks') }}

),

events as (

    select * from {{ source('raw_salesforce', 'events') }}

),

united as (

    select
        id,
        owner_id,
        account_id,
        what_id,
        who_id,
        case lower(subtype) when 'call' then 'call' when 'email' then 'email' else 'preparation' end as activity_type,
        case when is_closed then 'held' else 'planned' end as activity_status,
        cast(round(call_seconds / 60.0) as bigint) as minutes,
        false as is_appointment,
        lower(subtype) in ('call', 'email') as is_selling,
        created_at,
        {{ day_start('due_date') }} as planned_at,
        completed_at as status_at,
        is_deleted,
        {{ lake_columns() }}

    from tasks

    union all

    select
        id,
        owner_id,
        account_id,
        what_id,
        who_id,
        coalesce(lower(nullif(trim(type), '')), 'meeting') as activity_type,
        -- Salesforce does not say whether an event took place.
        cast(null as varchar) as activity_status,
        minutes,
        true as is_appointment,
        true as is_selling,
        created_at,
        starts_at as planned_at,
        cast(null as timestamp) as status_at,
        is_deleted,
        {{ lake_columns() }}

    from events

),

renamed as (

    select

        -- ids: the first three letters say what a key is of
        id as activity_id,
        owner_id as rep_id,
        account_id,
        case when substring(what_id, 1, 3) = '006' then what_id end as opportunity_id,
        case when substring(who_id, 1, 3) = '003' then who_id end as contact_id,
        cast(null as varchar) as moved_to_id,

        -- strings
        activity_type,
        activity_status,

        -- numerics
        minutes,

        -- booleans
        is_appointment,
        is_selling,

        -- timestamps
        created_at as booked_at,
        planned_at,
        status_at,

        -- lake: what lies in the bin counts as vanished
        _key,
        case when is_deleted then 'delete' else _op end as _op,
        _source_file,
        _row_number,
        _extracted_at

    from united

)

select * from renamed
