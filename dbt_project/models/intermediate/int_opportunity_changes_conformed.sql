{{ config(materialized='view') }}
{#
    A view: one model reads it, and a log is as long as all history. Writing it here and there again costs more than the
    rest of what the pipeline does with it.
#}
{{ conformed('opportunity_changes', {
    'change_id': 'varchar',
    'opportunity_id': 'varchar',
    'changed_by': 'varchar',
    'field': 'varchar',
    'old_value': 'varchar',
    'new_value': 'varchar',
    'sequence': 'bigint',
    'changed_at': 'timestamp',
    'entered_at': 'timestamp',
}) }}
