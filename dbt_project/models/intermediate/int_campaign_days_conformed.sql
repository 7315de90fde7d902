{{ conformed('campaign_days', {
    'campaign_id': 'varchar',
    'currency': 'varchar',
    'spend_doc': 'decimal(18,2)',
    'impressions': 'bigint',
    'clicks': 'bigint',
    'spend_date': 'date',
}) }}
