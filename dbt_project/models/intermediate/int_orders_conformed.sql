{{ conformed('orders', {
    'order_id': 'varchar',
    'opportunity_id': 'varchar',
    'account_id': 'varchar',
    'rep_id': 'varchar',
    'currency': 'varchar',
    'amount_doc': 'decimal(18,2)',
    'order_date': 'date',
}) }}
