{{ conformed('reps', {
    'rep_id': 'varchar',
    'manager_id': 'varchar',
    'rep_name': 'varchar',
    'team': 'varchar',
    'territory': 'varchar',
    'seniority': 'varchar',
    'time_zone': 'varchar',
    'hired_date': 'date',
    'left_date': 'date',
}) }}
