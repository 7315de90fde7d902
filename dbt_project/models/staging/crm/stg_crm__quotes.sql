with

source as (

    select * from {{ source('raw_crm', 'quotes') }}

),

renamed as (

    select

        -- ids
        id as quote_id,
        opportunity_id,

        -- strings
        currency,
        status as quote_status,

        -- numerics
        version,
        amount as amount_doc,

        -- timestamps
        sent_at,
        answered_at,
        created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
