{{ conformed('quotes', {
    'quote_id': 'varchar',
    'opportunity_id': 'varchar',
    'currency': 'varchar',
    'quote_status': 'varchar',
    'version': 'bigint',
    'amount_doc': 'decimal(18,2)',
    'sent_at': 'timestamp',
    'answered_at': 'timestamp',
    'created_at': 'timestamp',
}) }}
