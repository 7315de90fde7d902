{{ conformed('reps', {
    'rep_id': 'varchar',
    'team': 'varchar',
    'territory': 'varchar',
    'seniority': 'varchar',
}, keep_loads=true) }}
