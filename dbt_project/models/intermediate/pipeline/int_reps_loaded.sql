{{ conformed('reps', {
    'rep_id': 'varchar',
    'team': 'varchar',
}, keep_loads=true) }}
