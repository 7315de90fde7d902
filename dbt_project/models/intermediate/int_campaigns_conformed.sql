{{ conformed('campaigns', {
    'campaign_id': 'varchar',
    'campaign_name': 'varchar',
    'channel': 'varchar',
    'target_segment_id': 'varchar',
    'budget': 'decimal(18,2)',
    'start_date': 'date',
    'end_date': 'date',
    'created_at': 'timestamp',
}) }}
