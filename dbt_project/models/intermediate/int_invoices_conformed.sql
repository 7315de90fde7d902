{{ conformed('invoices', {
    'document_id': 'varchar',
    'order_id': 'varchar',
    'account_id': 'varchar',
    'rep_id': 'varchar',
    'document_kind': 'varchar',
    'currency': 'varchar',
    'amount_doc': 'decimal(18,2)',
    'tax_doc': 'decimal(18,2)',
    'is_disputed': 'boolean',
    'issued_date': 'date',
    'due_date': 'date',
}) }}
