{%- set scale = declared_scale('raw_crm', 'opportunities', 'probability') -%}
with

source as (

    select * from {{ source('raw_crm', 'opportunity_changes') }}

),

renamed as (

    select

        -- ids
        id as change_id,
        opportunity_id,
        changed_by,

        -- strings
        case field
            when 'amount' then 'amount_doc'
            when 'close_date' then 'expected_close_date'
            when 'owner_id' then 'rep_id'
            when 'probability' then 'win_probability'
            when 'stage' then 'stage_id'
            else field
        end as field,
        case field
            when 'probability' then {{ fraction_text('old_value', scale) }}
            when 'stage' then nullif(lower(trim(old_value)), '')
            else nullif(trim(old_value), '')
        end as old_value,
        case field
            when 'probability' then {{ fraction_text('new_value', scale) }}
            when 'stage' then nullif(lower(trim(new_value)), '')
            else nullif(trim(new_value), '')
        end as new_value,

        -- numerics
        sequence,

        -- timestamps
        changed_at,
        entered_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
