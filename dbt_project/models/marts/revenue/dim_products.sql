with

products as (

    select * from {{ ref('int_products_conformed') }}

)

select
    product_id,
    product_name,
    category,
    list_price,
    unit_cost

from products

order by product_id
