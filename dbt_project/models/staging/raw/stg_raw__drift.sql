with

source as (

    select * from {{ source('raw', 'drift') }}

),

renamed as (

    select

        -- ids
        load_id,

        -- strings
        source_name,
        table_name,
        column_name,
        drift_kind,
        detail,

        -- timestamps
        extracted_at

    from source

)

select * from renamed
