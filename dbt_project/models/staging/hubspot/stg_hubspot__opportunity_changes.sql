{%- set scale = declared_scale('raw_hubspot', 'deals', 'probability') -%}
with

source as (

    select * from {{ source('raw_hubspot', 'deal_changes') }}

),

renamed as (

    select

        -- ids
        _key as change_id,
        deal_id as opportunity_id,
        coalesce(owner_id, 'user:' || user_id) as changed_by,

        -- strings
        case property
            when 'dealstage' then 'stage_id'
            when 'amount' then 'amount_doc'
            when 'closedate' then 'expected_close_date'
            when 'hubspot_owner_id' then 'rep_id'
            when 'deal_currency_code' then 'currency'
            when 'hs_forecast_category' then 'forecast_category'
            when 'hs_deal_stage_probability' then 'win_probability'
            else property
        end as field,
        {{ hubspot_value('value_before', scale) }} as old_value,
        {{ hubspot_value('value', scale) }} as new_value,

        -- numerics
        position as sequence,

        -- timestamps
        changed_at,
        changed_at as entered_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
