with

source as (

    select * from {{ source('raw_hubspot', 'deal_stages') }}

),

renamed as (

    select

        -- ids
        lower(trim(id)) as stage_id,
        pipeline_id,

        -- strings
        trim(label) as stage_name,
        trim(pipeline_label) as pipeline_name,

        -- numerics
        position,
        {{ fraction('probability', declared_scale('raw_hubspot', 'deal_stages', 'probability')) }} as win_probability,

        -- booleans
        is_closed,
        _op = 'delete' as is_deleted,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
