{%- set delivered = var('conformed') -%}
{%- set knows_offers = 'true' if delivered.get('invoice_lines') and delivered.get('products') else 'false' -%}
with

schemes as (

    select * from {{ ref('objective_schemes') }}

),

categories as (

    select distinct {{ comparable_text('category') }} as category

    from {{ ref('dim_products') }}

    where category is not null

),

objectives as (

    select
        scheme_id,
        criterion,
        count(case when has_data then 1 end) as data_count,
        count(target) as target_count,
        count(stated_weight) as weight_count,
        count(attainment) as judged_count

    from {{ ref('int_objectives_dated') }}

    where period_grain = 'month'

    group by scheme_id, criterion

)

select
    schemes.scheme_id,
    schemes.criterion,
    schemes.criterion_label,
    schemes.measure,
    case
        when objectives.judged_count > 0 and objectives.weight_count > 0 then null
        when {{ knows_offers }} and schemes.offer is not null and categories.category is null
            then concat('no product is of the category ', schemes.offer)
        when coalesce(objectives.data_count, 0) = 0 then 'no data of this measure are delivered'
        when objectives.target_count = 0 then 'no target is delivered and the scheme gives none'
        when objectives.weight_count = 0 then 'no weight is delivered and the scheme gives none'
        else 'the rate never had a case'
    end as refusal,
    coalesce(objectives.judged_count, 0) as judged_count,
    coalesce(objectives.judged_count > 0 and objectives.weight_count > 0, false) as is_used

from schemes

left outer join objectives
    on schemes.scheme_id = objectives.scheme_id and schemes.criterion = objectives.criterion

left outer join categories
    on {{ comparable_text('schemes.offer') }} = categories.category

order by schemes.scheme_id, schemes.criterion
