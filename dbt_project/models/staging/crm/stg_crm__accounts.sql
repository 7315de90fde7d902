with

source as (

    select * from {{ source('raw_crm', 'accounts') }}

),

renamed as (

    select

        -- ids
        id as account_id,
        owner_id as rep_id,

        -- strings
        trim(name) as account_name,
        nullif(trim(segment), '') as segment_id,
        nullif(trim(industry), '') as industry,
        nullif(trim(territory), '') as territory,
        cast(null as varchar) as region,
        nullif(trim(country), '') as country,
        {{ json_object_text({'machine_park_size': 'machine_park_size'}) }} as custom_fields,

        -- numerics
        employees,

        -- timestamps
        created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
