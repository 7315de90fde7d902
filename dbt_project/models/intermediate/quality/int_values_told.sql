{# A value in every form in which a rule may look at it. #}
with

met as (

    select distinct
        rule_id,
        field_value,
        value_kind,
        compared_value,
        compared_kind

    from {{ ref('int_field_readings') }}

),

-- Instants are told to people as local days, and judged as such; two of them are compared as they are.
told as (

    select
        *,
        {{ trimmed_text('field_value') }} as trimmed_value,
        {{ comparable_text('field_value') }} as comparable,
        {{ comparable_text('compared_value') }} as compared_comparable,
        case when value_kind = 'number' then try_cast(field_value as decimal(38, 12)) end as value_number,
        case when compared_kind = 'number' then try_cast(compared_value as decimal(38, 12)) end as compared_number,
        {{ told_day('field_value', 'value_kind') }} as value_date,
        {{ told_day('compared_value', 'compared_kind') }} as compared_date,
        case when value_kind = 'instant' then try_cast(field_value as timestamp) end as value_at,
        case when compared_kind = 'instant' then try_cast(compared_value as timestamp) end as compared_at

    from met

)

select
    *,
    coalesce(cast(value_date as varchar), {{ value_key('comparable') }}) as value_key

from told
