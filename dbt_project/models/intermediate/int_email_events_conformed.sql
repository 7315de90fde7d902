{{ conformed('email_events', {
    'event_id': 'varchar',
    'campaign_id': 'varchar',
    'contact_id': 'varchar',
    'event_type': 'varchar',
    'occurred_at': 'timestamp',
}) }}
