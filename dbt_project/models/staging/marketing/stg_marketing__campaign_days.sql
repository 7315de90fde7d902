with

source as (

    select * from {{ source('raw_marketing', 'campaign_days') }}

),

renamed as (

    select

        -- ids
        campaign_id,

        -- strings
        currency,

        -- numerics
        spend as spend_doc,
        impressions,
        clicks,

        -- dates
        day as spend_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
