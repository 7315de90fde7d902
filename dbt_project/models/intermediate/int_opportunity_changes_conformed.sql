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
