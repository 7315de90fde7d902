with

source as (

    select * from {{ source('raw_salesforce', 'contacts') }}

),

renamed as (

    select

        -- ids
        id as contact_id,
        account_id,

        -- strings
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        nullif(trim(email), '') as email,
        nullif(trim(phone), '') as phone,
        nullif(trim(title), '') as contact_role,

        -- dates
        cast(null as date) as left_company_date,

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
