{#
    Every field that a rule reads, with all its past. A deal's past is in its versions, of the other
    entities in their successive loads.
#}
with

loaded as (

    select * from {{ ref('int_record_values_loaded') }}

),

{% set fields = var('ruled_fields').get('opportunities', []) -%}
{%- if fields -%}
versions as (

    select
        *,
        min(valid_from) over (partition by opportunity_id) as born_at

    from {{ ref('int_opportunities_versioned') }}

),

{% endif -%}
united as (

    {%- for field in fields %}
    select
        'opportunities' as entity,
        opportunity_id as record_id,
        '{{ field }}' as field,
        rep_id,
        stage_id,
        {{ 'record_type' if 'record_type' in fields else 'cast(null as varchar)' }} as record_type,
        coalesce(cast({{ field }} as varchar), '') as field_value,
        {{ value_kind(field) }} as value_kind,
        coalesce(state not in ('deleted', 'merged'), true) as is_subject,
        born_at,
        valid_from,
        valid_to

    from versions

    union all
    {% endfor %}

    select
        entity,
        record_id,
        field,
        rep_id,
        cast(null as varchar) as stage_id,
        record_type,
        field_value,
        value_kind,
        is_subject,
        born_at,
        valid_from,
        valid_to

    from loaded

)

select
    entity,
    record_id,
    field,
    rep_id,
    stage_id,
    record_type,
    field_value,
    value_kind,
    is_subject,
    valid_to is null as is_current,
    born_at,
    valid_from,
    valid_to

from united
