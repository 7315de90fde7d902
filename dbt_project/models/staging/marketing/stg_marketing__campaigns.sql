with

source as (

    select * from {{ source('raw_marketing', 'campaigns') }}

),

renamed as (

    select

        -- ids
        id as campaign_id,

        -- strings
        trim(name) as campaign_name,
        channel,
        nullif(trim(target_segment), '') as target_segment_id,

        -- numerics
        budget,

        -- dates
        started_on as start_date,
        ended_on as end_date,

        -- timestamps
        created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
