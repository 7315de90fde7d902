with

source as (

    select * from {{ source('raw_adventureworks', 'product') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('ProductKey') }} as product_id,

        -- strings
        trim({{ adapter.quote('Product') }}) as product_name,
        nullif(trim({{ adapter.quote('Category') }}), '') as category,

        -- numerics
        cast(null as decimal(18, 2)) as list_price,
        cast({{ adapter.quote('Standard Cost') }} as decimal(18, 4)) as unit_cost,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
