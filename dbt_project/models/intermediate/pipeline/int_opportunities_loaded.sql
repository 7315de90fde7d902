{%- set columns = {
    'opportunity_id': 'varchar',
    'account_id': 'varchar',
    'last_open_stage_id': 'varchar',
    'lead_source': 'varchar',
    'created_at': 'timestamp',
    'closed_at': 'timestamp',
} -%}
{%- do columns.update(tracked_fields()) -%}
{{ conformed('opportunities', columns, keep_loads=true) }}
