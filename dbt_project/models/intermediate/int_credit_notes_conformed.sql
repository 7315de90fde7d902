{{ conformed('credit_notes', {
    'document_id': 'varchar',
    'corrected_document_id': 'varchar',
    'account_id': 'varchar',
    'rep_id': 'varchar',
    'product_id': 'varchar',
    'currency': 'varchar',
    'reason': 'varchar',
    'amount_doc': 'decimal(18,2)',
    'issued_date': 'date',
}) }}
