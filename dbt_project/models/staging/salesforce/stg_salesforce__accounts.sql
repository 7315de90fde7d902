with

source as (

    select * from {{ source('raw_salesforce', 'accounts') }}

),

renamed as (

    select

        -- ids
        id as account_id,
        owner_id as rep_id,

        -- strings
        trim(name) as account_name,
        cast(null as varchar) as segment_id,
        nullif(trim(industry), '') as industry,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        nullif(trim(billing_country), '') as country,
        cast(null as varchar) as custom_fields,

        -- numerics
        employees,

        -- timestamps
        created_at,

        -- lake: what lies in the bin counts as vanished
        _key,
        case when is_deleted then 'delete' else _op end as _op,
        _source_file,
        _row_number,
        _extracted_at

    from source

)

select * from renamed
