{#
    Two logs. OpportunityHistory holds the whole state since the creation, so it tells of what it holds; of a state's
    values, those that are as before are no change. OpportunityFieldHistory ends after some months, and a company
    chooses its fields: it tells of the rest.
#}
{%- set scale = declared_scale('raw_salesforce', 'opportunity_history', 'probability') -%}
{%- set stated = {
    'stage_id': 'lower(trim(stage))',
    'amount_doc': 'cast(amount as varchar)',
    'expected_close_date': 'cast(close_date as varchar)',
    'win_probability': 'cast(' ~ fraction('probability', scale) ~ ' as varchar)',
    'forecast_category': salesforce_category('forecast_category'),
} -%}
with

states as (

    select * from {{ source('raw_salesforce', 'opportunity_history') }}

),

field_changes as (

    select * from {{ source('raw_salesforce', 'opportunity_field_history') }}

),

changes as (

    {% for field, value in stated.items() -%}
    select
        id || '|{{ field }}' as change_id,
        opportunity_id,
        created_by_id as changed_by,
        '{{ field }}' as field,
        lag({{ value }}) over (partition by opportunity_id order by created_at, id) as old_value,
        {{ value }} as new_value,
        created_at as changed_at,
        _key || '|{{ field }}' as _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at

    from states

    qualify {{ value }} is distinct from lag({{ value }}) over (partition by opportunity_id order by created_at, id)

    union all

    {% endfor -%}
    select
        id as change_id,
        opportunity_id,
        created_by_id as changed_by,
        -- A change of owner is told twice, by keys and by names; what the states tell is told by them.
        case
            when field in ('Owner', 'OwnerId') and substring(new_value, 1, 3) = '005' then 'rep_id'
            else 'salesforce.' || field
        end as field,
        nullif(trim(old_value), '') as old_value,
        nullif(trim(new_value), '') as new_value,
        created_at as changed_at,
        {{ lake_columns() }}

    from field_changes

),

renamed as (

    select

        -- ids
        change_id,
        opportunity_id,
        changed_by,

        -- strings
        field,
        old_value,
        new_value,

        -- numerics
        cast(row_number() over (partition by opportunity_id order by changed_at, change_id) as bigint) as sequence,

        -- timestamps
        changed_at,
        changed_at as entered_at,

        -- lake
        {{ lake_columns() }}

    from changes

)

select * from renamed
