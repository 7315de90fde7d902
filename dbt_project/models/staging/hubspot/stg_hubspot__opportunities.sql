with

source as (

    select * from {{ source('raw_hubspot', 'deals') }}

),

renamed as (

    select

        -- ids
        id as opportunity_id,
        company_id as account_id,
        owner_id as rep_id,
        cast(null as varchar) as product_id,
        cast(null as varchar) as campaign_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as merged_into_id,

        -- strings
        trim(name) as opportunity_name,
        nullif(trim(type), '') as record_type,
        nullif(trim(lower(stage_id)), '') as stage_id,
        cast(null as varchar) as last_open_stage_id,
        coalesce(nullif(trim(currency), ''), '{{ var('reporting_currency') }}') as currency,
        nullif(trim(lower(forecast_category)), '') as forecast_category,
        nullif(trim(source), '') as lead_source,
        cast(null as varchar) as rating,
        cast(null as varchar) as purchase_process,
        cast(null as varchar) as decision_maker,
        nullif(trim(next_step), '') as next_step,
        cast(null as varchar) as competitor,
        cast(null as varchar) as budget_status,
        nullif(trim(loss_reason), '') as loss_reason,
        cast(null as varchar) as custom_fields,

        -- numerics
        amount as amount_doc,
        {{ fraction('probability', declared_scale('raw_hubspot', 'deals', 'probability')) }} as win_probability,

        -- booleans
        coalesce(is_archived, false) as is_deleted,

        -- dates
        {{ local_date('close_at') }} as expected_close_date,

        -- timestamps
        created_at,
        case when is_closed then close_at end as closed_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
