{{ conformed('page_visits', {
    'visit_id': 'varchar',
    'visitor_id': 'varchar',
    'lead_id': 'varchar',
    'campaign_id': 'varchar',
    'page': 'varchar',
    'is_bot': 'boolean',
    'visited_at': 'timestamp',
}) }}
