{#
    How a record of an entity that desk/mandatory_fields.csv may rule is found, as SQL over
    int_<entity>_conformed as records: its key, its birth, and the entity whose rep answers for it
    where it has none of its own. Opportunities are not here: they have a history of their own.
#}
{% macro ruled_entity(entity) -%}
    {%- set entities = {
        'accounts': {'key': 'account_id', 'created_at': 'records.created_at'},
        'contacts': {'key': 'contact_id', 'created_at': 'records.created_at', 'owner': ('accounts', 'account_id')},
        'leads': {'key': 'lead_id', 'created_at': 'records.created_at'},
        'quotes': {'key': 'quote_id', 'created_at': 'records.created_at', 'owner': ('opportunities', 'opportunity_id')},
        'activities': {'key': 'activity_id', 'created_at': 'coalesce(records.booked_at, records.planned_at)'},
        'orders': {'key': 'order_id', 'created_at': day_start('records.order_date')},
        'invoices': {'key': 'document_id', 'created_at': day_start('records.issued_date')},
    } -%}
    {%- if entity not in entities -%}
        {%- do exceptions.raise_compiler_error(
            'desk/mandatory_fields.csv rules the entity ' ~ entity ~ '. Use one of: opportunities, '
            ~ entities.keys() | join(', ') ~ '; or teach macros/ruled_entity.sql the new one.'
        ) -%}
    {%- endif -%}
    {{ return(entities[entity]) }}
{%- endmacro %}
