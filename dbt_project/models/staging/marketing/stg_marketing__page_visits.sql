with

source as (

    select * from {{ source('raw_marketing', 'page_visits') }}

),

renamed as (

    select

        -- ids
        id as visit_id,
        visitor_id,
        lead_id,
        campaign_id,

        -- strings
        page,

        -- booleans
        coalesce(is_bot, false) as is_bot,

        -- timestamps
        visited_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
