{#
    How a record of an entity that desk/mandatory_fields.csv may rule is found, as SQL over the loads
    of the conformed entity: its key, its birth, its type, and the entity whose rep answers for it
    where it has none of its own. Opportunities are not here: they have a history of their own.
#}
{% macro ruled_entity(entity) -%}
    {%- set entities = {
        'accounts': {'key': 'account_id', 'born_at': 'created_at', 'reads': ['rep_id', 'created_at']},
        'contacts': {
            'key': 'contact_id', 'born_at': 'created_at', 'reads': ['account_id', 'created_at'],
            'owner': ('accounts', 'account_id'),
        },
        'leads': {'key': 'lead_id', 'born_at': 'created_at', 'reads': ['rep_id', 'merged_into_id', 'created_at']},
        'quotes': {
            'key': 'quote_id', 'born_at': 'created_at', 'reads': ['opportunity_id', 'created_at'],
            'owner': ('opportunities', 'opportunity_id'),
        },
        'activities': {
            'key': 'activity_id', 'born_at': 'coalesce(booked_at, planned_at)',
            'type': 'activity_type', 'reads': ['rep_id', 'activity_type', 'booked_at', 'planned_at'],
        },
        'orders': {'key': 'order_id', 'born_at': day_start('order_date'), 'reads': ['rep_id', 'order_date']},
        'invoices': {
            'key': 'document_id', 'born_at': day_start('issued_date'),
            'type': 'document_kind', 'reads': ['rep_id', 'document_kind', 'issued_date'],
        },
    } -%}
    {%- if entity not in entities -%}
        {%- do exceptions.raise_compiler_error(
            'desk/mandatory_fields.csv rules the entity ' ~ entity ~ '. Use one of: opportunities, '
            ~ entities.keys() | join(', ') ~ '; or teach macros/ruled_entity.sql the new one.'
        ) -%}
    {%- endif -%}
    {{ return(entities[entity]) }}
{%- endmacro %}

{#
    The columns of a conformed entity and their types, read where they are declared: in the text of
    int_<entity>_conformed. Empty while dbt only parses, and in unit tests.
#}
{% macro conformed_types(entity) -%}
    {%- set types = {} -%}
    {%- set nodes = graph.get('nodes', {}) if execute else {} -%}
    {%- set model = nodes.get('model.pilotage.int_' ~ entity ~ '_conformed', {}) -%}
    {%- for name, data_type in modules.re.findall("'(\w+)': '([^']+)'", model.get('raw_code', '')) -%}
        {%- do types.update({name: data_type}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{# What the rules on an entity need of it, each column with its type. #}
{% macro ruled_columns(entity) -%}
    {%- set its = ruled_entity(entity) -%}
    {%- set types = conformed_types(entity) -%}
    {%- set columns = {} -%}
    {%- for name in [its.key] + its.reads + var('ruled_fields')[entity] -%}
        {%- do columns.update({name: types.get(name, 'varchar')}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
