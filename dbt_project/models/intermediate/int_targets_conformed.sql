{{ conformed('targets', {
    'rep_id': 'varchar',
    'criterion': 'varchar',
    'target_value': 'decimal(18,2)',
    'weight': 'decimal(5,4)',
    'month_start_date': 'date',
}) }}
