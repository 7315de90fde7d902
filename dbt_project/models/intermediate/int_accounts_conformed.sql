{{ conformed('accounts', {
    'account_id': 'varchar',
    'rep_id': 'varchar',
    'account_name': 'varchar',
    'segment_id': 'varchar',
    'industry': 'varchar',
    'territory': 'varchar',
    'region': 'varchar',
    'country': 'varchar',
    'custom_fields': 'varchar',
    'employees': 'bigint',
    'created_at': 'timestamp',
}) }}
