{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "dim_products"}}}) }}
-- A mistyped offer has no data, and its criterion's weight goes to the others: mend it in desk/objective_schemes.csv.
-- Where no products are delivered, nobody can tell.
select
    schemes.scheme_id,
    schemes.criterion,
    schemes.offer

from {{ ref('objective_schemes') }} as schemes

left outer join {{ ref('dim_products') }} as products
    on {{ comparable_text('schemes.offer') }} = {{ comparable_text('products.category') }}

where
    schemes.offer is not null
    and products.product_id is null
    and exists (select 1 from {{ ref('dim_products') }})
