{{ conformed('qualification_answers', {
    'answer_id': 'varchar',
    'opportunity_id': 'varchar',
    'answered_by': 'varchar',
    'grid_version': 'varchar',
    'criterion': 'varchar',
    'score': 'bigint',
    'answered_at': 'timestamp',
}) }}
