{%- set scale = declared_scale('raw_regional_sales', 'opportunities', 'Probability') -%}
with

source as (

    select * from {{ source('raw_regional_sales', 'opportunities') }}

),

campaigns as (

    {{ latest_rows(source('raw_regional_sales', 'campaigns')) }}

),

-- The origin is the campaign's type, which the export mentions by key only.
attributed as (

    select
        source.*,
        campaigns.{{ adapter.quote('Campaign Type') }} as campaign_type

    from source

    left outer join campaigns
        on source.{{ adapter.quote('CampaignSeq') }} = campaigns.{{ adapter.quote('CampaignSeq') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('OpportunitySeq') }} as opportunity_id,
        {{ adapter.quote('AccountSeq') }} as account_id,
        {{ adapter.quote('SystemUserSeq') }} as rep_id,
        {{ adapter.quote('ProductSeq') }} as product_id,
        {{ adapter.quote('CampaignSeq') }} as campaign_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as merged_into_id,

        -- strings
        cast(null as varchar) as opportunity_name,
        cast(null as varchar) as record_type,
        -- '1-Qualify' is stage qualify: the digit only sorts the CRM's list.
        lower(substring(trim({{ adapter.quote('Sales Stage') }}), 3)) as last_open_stage_id,
        -- The status decides: a lost opportunity keeps the stage it was lost in.
        case
            when {{ adapter.quote('Status') }} = 'Open' then last_open_stage_id
            else lower({{ adapter.quote('Status') }})
        end as stage_id,
        'USD' as currency,
        cast(null as varchar) as forecast_category,
        -- Without a campaign the rep found the opportunity.
        case when {{ adapter.quote('CampaignSeq') }} is null then 'rep' else campaign_type end as lead_source,
        nullif(trim({{ adapter.quote('Rating') }}), '') as rating,
        -- 'Unknown' stays as it is: desk/placeholders.csv says that it counts as empty.
        nullif(trim({{ adapter.quote('Purchase Process') }}), '') as purchase_process,
        case when {{ adapter.quote('Decision Maker Identified') }} then 'identified' end as decision_maker,
        cast(null as varchar) as next_step,
        cast(null as varchar) as competitor,
        cast(null as varchar) as budget_status,
        cast(null as varchar) as loss_reason,
        {{ json_object_text({
            'days_remaining_in_pipeline': adapter.quote('Days Remaining In Pipeline'),
            'days_to_close': adapter.quote('DaysToClose'),
            'discount': 'cast(' ~ adapter.quote('Discount') ~ ' as decimal(9, 4))',
            'probability_raw': adapter.quote('Probability (raw)'),
        }) }} as custom_fields,

        -- numerics
        {{ adapter.quote('Value') }} as amount_doc,
        {{ fraction(adapter.quote('Probability'), scale) }} as win_probability,

        -- booleans
        false as is_deleted,

        -- dates
        {{ adapter.quote('CloseDate') }} as expected_close_date,

        -- timestamps
        cast({{ adapter.quote('Opportunity Created On') }} as timestamp) as created_at,
        -- Only the day is known. Noon lies after every creation of that day (midnight) and inside the day.
        case
            when {{ adapter.quote('Status') }} <> 'Open'
                then cast({{ adapter.quote('CloseDate') }} as timestamp) + interval 12 hour
        end as closed_at,

        -- lake
        {{ lake_columns() }}

    from attributed

)

select * from renamed
