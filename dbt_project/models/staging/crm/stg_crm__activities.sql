with

source as (

    select * from {{ source('raw_crm', 'activities') }}

),

renamed as (

    select

        -- ids
        id as activity_id,
        owner_id as rep_id,
        account_id,
        opportunity_id,
        contact_id,
        moved_to_id,

        -- strings
        type as activity_type,
        nullif(trim(status), '') as activity_status,

        -- numerics
        minutes,

        -- booleans
        is_appointment,
        case
            when type in ('call', 'email', 'meeting', 'demo') then true
            when type in ('preparation', 'travel', 'administration') then false
        end as is_selling,

        -- timestamps
        booked_at,
        planned_at,
        status_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
