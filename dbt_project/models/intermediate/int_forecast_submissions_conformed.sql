{{ conformed('forecast_submissions', {
    'submission_id': 'varchar',
    'rep_id': 'varchar',
    'amount': 'decimal(18,2)',
    'month_start_date': 'date',
    'submitted_at': 'timestamp',
}, keep_loads=true) }}
