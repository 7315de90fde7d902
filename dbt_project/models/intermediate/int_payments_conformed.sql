{{ conformed('payments', {
    'payment_id': 'varchar',
    'document_id': 'varchar',
    'currency': 'varchar',
    'amount_doc': 'decimal(18,2)',
    'paid_date': 'date',
}) }}
