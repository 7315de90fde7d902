with

source as (

    select * from {{ source('raw_koban', 'deals') }}

),

renamed as (

    select

        -- ids
        id as opportunity_id,
        third_id as account_id,
        user_id as rep_id,
        cast(null as varchar) as product_id,
        cast(null as varchar) as campaign_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as merged_into_id,

        -- strings
        trim(name) as opportunity_name,
        cast(null as varchar) as record_type,
        lower(trim(stage)) as stage_id,
        cast(null as varchar) as last_open_stage_id,
        'EUR' as currency,
        cast(null as varchar) as forecast_category,
        nullif(trim(source), '') as lead_source,
        cast(null as varchar) as rating,
        cast(null as varchar) as purchase_process,
        cast(null as varchar) as decision_maker,
        cast(null as varchar) as next_step,
        cast(null as varchar) as competitor,
        cast(null as varchar) as budget_status,
        nullif(trim(loss_reason), '') as loss_reason,
        cast(null as varchar) as custom_fields,

        -- numerics
        amount as amount_doc,
        {{ fraction('probability', declared_scale('raw_koban', 'deals', 'probability')) }} as win_probability,

        -- booleans
        coalesce(is_archived, false) as is_deleted,

        -- dates
        close_date as expected_close_date,

        -- timestamps
        created_at,
        closed_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
