with

source as (

    select * from {{ source('raw_koban', 'thirds') }}

),

renamed as (

    select

        -- ids
        id as account_id,
        user_id as rep_id,

        -- strings
        trim(name) as account_name,
        cast(null as varchar) as segment_id,
        nullif(trim(sector), '') as industry,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        nullif(trim(country), '') as country,
        cast(null as varchar) as custom_fields,

        -- numerics
        cast(null as bigint) as employees,

        -- timestamps
        created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
