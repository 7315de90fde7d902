with

source as (

    select * from {{ source('raw_marketing', 'quote_views') }}

),

renamed as (

    select

        -- ids
        id as view_id,
        quote_id,

        -- numerics
        seconds,

        -- timestamps
        viewed_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
