{{ conformed('products', {
    'product_id': 'varchar',
    'product_name': 'varchar',
    'category': 'varchar',
    'list_price': 'decimal(18,2)',
    'unit_cost': 'decimal(18,4)',
}) }}
