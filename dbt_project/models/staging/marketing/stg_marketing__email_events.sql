with

source as (

    select * from {{ source('raw_marketing', 'email_events') }}

),

renamed as (

    select

        -- ids
        id as event_id,
        campaign_id,
        contact_id,

        -- strings
        type as event_type,

        -- timestamps
        occurred_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
