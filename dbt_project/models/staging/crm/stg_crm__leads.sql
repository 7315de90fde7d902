with

source as (

    select * from {{ source('raw_crm', 'leads') }}

),

renamed as (

    select

        -- ids
        id as lead_id,
        account_id,
        opportunity_id,
        campaign_id,
        owner_id as rep_id,
        merged_into_id,

        -- strings
        nullif(trim(source), '') as lead_source,
        fit,
        nullif(trim(industry), '') as industry,
        nullif(trim(company_name), '') as company_name,
        nullif(trim(email), '') as email,
        status as lead_status,

        -- timestamps
        created_at,
        routed_at,
        qualified_at,
        converted_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
