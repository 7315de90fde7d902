{{ conformed('accounts', {
    'account_id': 'varchar',
    'segment_id': 'varchar',
}, keep_loads=true) }}
