{{ conformed('qualification_answers', {
    'answer_id': 'varchar',
    'answered_by': 'varchar',
    'answered_at': 'timestamp',
}, keep_loads=true) }}
