{{ conformed('leads', {
    'lead_id': 'varchar',
    'lead_source': 'varchar',
    'fit': 'varchar',
    'industry': 'varchar',
}, keep_loads=true) }}
