with

source as (

    select * from {{ source('raw_regional_sales', 'products') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('ProductSeq') }} as product_id,

        -- strings
        trim({{ adapter.quote('Product') }}) as product_name,
        nullif(trim({{ adapter.quote('Product Category') }}), '') as category,

        -- numerics
        cast(null as decimal(18, 2)) as list_price,
        cast(null as decimal(18, 4)) as unit_cost,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
