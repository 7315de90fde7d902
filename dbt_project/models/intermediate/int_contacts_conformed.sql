{{ conformed('contacts', {
    'contact_id': 'varchar',
    'account_id': 'varchar',
    'first_name': 'varchar',
    'last_name': 'varchar',
    'email': 'varchar',
    'phone': 'varchar',
    'contact_role': 'varchar',
    'left_company_date': 'date',
    'created_at': 'timestamp',
}) }}
