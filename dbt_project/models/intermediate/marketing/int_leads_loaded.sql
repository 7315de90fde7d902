{{ conformed('leads', {
    'lead_id': 'varchar',
    'industry': 'varchar',
}, keep_loads=true) }}
