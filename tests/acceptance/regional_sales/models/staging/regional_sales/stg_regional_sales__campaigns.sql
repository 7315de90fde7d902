with

source as (

    select * from {{ source('raw_regional_sales', 'campaigns') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('CampaignSeq') }} as campaign_id,
        cast(null as varchar) as target_segment_id,

        -- strings
        trim({{ adapter.quote('Campaign') }}) as campaign_name,
        nullif(trim({{ adapter.quote('Campaign Type') }}), '') as channel,

        -- numerics
        cast(null as decimal(18, 2)) as budget,

        -- dates
        cast(null as date) as start_date,
        cast(null as date) as end_date,

        -- timestamps
        cast(null as timestamp) as created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
