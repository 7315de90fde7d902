{{ conformed('quote_views', {
    'view_id': 'varchar',
    'quote_id': 'varchar',
    'seconds': 'bigint',
    'viewed_at': 'timestamp',
}) }}
