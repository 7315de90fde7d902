with

source as (

    select * from {{ source('raw_salesforce', 'opportunities') }}

),

renamed as (

    select

        -- ids
        id as opportunity_id,
        account_id,
        owner_id as rep_id,
        cast(null as varchar) as product_id,
        campaign_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as merged_into_id,

        -- strings
        trim(name) as opportunity_name,
        nullif(trim(type), '') as record_type,
        lower(trim(stage)) as stage_id,
        cast(null as varchar) as last_open_stage_id,
        '{{ var('reporting_currency') }}' as currency,
        {{ salesforce_category('forecast_category') }} as forecast_category,
        nullif(trim(lead_source), '') as lead_source,
        cast(null as varchar) as rating,
        cast(null as varchar) as purchase_process,
        cast(null as varchar) as decision_maker,
        nullif(trim(next_step), '') as next_step,
        cast(null as varchar) as competitor,
        cast(null as varchar) as budget_status,
        cast(null as varchar) as loss_reason,
        cast(null as varchar) as custom_fields,

        -- numerics
        amount as amount_doc,
        {{ fraction(
            'probability', declared_scale('raw_salesforce', 'opportunities', 'probability')
        ) }} as win_probability,

        -- booleans
        coalesce(is_deleted, false) as is_deleted,

        -- dates
        close_date as expected_close_date,

        -- timestamps
        created_at,
        case when is_closed then coalesce(stage_changed_at, created_at) end as closed_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
