with

source as (

    select * from {{ source('raw_crm', 'opportunities') }}

),

renamed as (

    select

        -- ids
        id as opportunity_id,
        account_id,
        nullif(trim(owner_id), '') as rep_id,
        cast(null as varchar) as product_id,
        campaign_id,
        lead_id,
        nullif(trim(merged_into_id), '') as merged_into_id,

        -- strings
        trim(name) as opportunity_name,
        record_type,
        lower(trim(stage)) as stage_id,
        cast(null as varchar) as last_open_stage_id,
        nullif(trim(currency), '') as currency,
        nullif(trim(forecast_category), '') as forecast_category,
        nullif(trim(lead_source), '') as lead_source,
        cast(null as varchar) as rating,
        cast(null as varchar) as purchase_process,
        nullif(trim(decision_maker), '') as decision_maker,
        nullif(trim(next_step), '') as next_step,
        nullif(trim(competitor), '') as competitor,
        nullif(trim(budget_status), '') as budget_status,
        nullif(trim(loss_reason), '') as loss_reason,
        {{ json_object_text({'machines_count': 'machines_count'}) }} as custom_fields,

        -- numerics
        amount as amount_doc,
        {{ fraction('probability', declared_scale('raw_crm', 'opportunities', 'probability')) }} as win_probability,

        -- booleans
        coalesce(is_deleted, false) as is_deleted,

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
