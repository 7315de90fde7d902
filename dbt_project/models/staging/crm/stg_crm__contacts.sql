with

source as (

    select * from {{ source('raw_crm', 'contacts') }}

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
        nullif(trim(role), '') as contact_role,

        -- dates
        left_company_on as left_company_date,

        -- timestamps
        created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
