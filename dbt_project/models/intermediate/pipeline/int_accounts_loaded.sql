{{ conformed('accounts', {
    'account_id': 'varchar',
    'segment_id': 'varchar',
    'industry': 'varchar',
}, keep_loads=true) }}
