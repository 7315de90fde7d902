with

source as (

    select * from {{ source('raw_invoicing', 'products') }}

),

renamed as (

    select

        -- ids
        id as product_id,

        -- strings
        trim(name) as product_name,
        nullif(trim(category), '') as category,

        -- numerics
        list_price,
        unit_cost,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
