{#
    The fields of an opportunity whose past is kept: {canonical name: data type}. The pipeline's own,
    and whatever the rules of desk/mandatory_fields.csv read, so that "empty since when" can be answered.
#}
{% macro tracked_fields() -%}
    {%- set fields = {
        'rep_id': 'varchar',
        'stage_id': 'varchar',
        'currency': 'varchar',
        'forecast_category': 'varchar',
        'merged_into_id': 'varchar',
        'amount_doc': 'decimal(18,2)',
        'win_probability': 'decimal(9,6)',
        'is_deleted': 'boolean',
        'expected_close_date': 'date',
    } -%}
    {%- for field in var('ruled_fields').get('opportunities', []) if field not in fields -%}
        {%- do fields.update({field: conformed_types('opportunities').get(field, 'varchar')}) -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}

{# The tracked fields and what is stamped on a deal from elsewhere: the segment of its account. #}
{% macro versioned_fields() -%}
    {%- set fields = tracked_fields() -%}
    {%- do fields.update({'segment_id': 'varchar'}) -%}
    {{ return(fields) }}
{%- endmacro %}

{# Whether the text of a tracked field's value can be read as what the field holds; no text is no fault. #}
{% macro is_readable(field, value_text) -%}
    case
        when coalesce({{ value_text }}, '') = '' then true
        {%- for name, data_type in tracked_fields().items() if data_type != 'varchar' %}
        when {{ field }} = '{{ name }}' then try_cast({{ value_text }} as {{ data_type }}) is not null
        {%- endfor %}
        else true
    end
{%- endmacro %}
