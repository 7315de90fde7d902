{%- set sources = var('sources', ['crm', 'invoicing', 'marketing']) -%}
with

newest_loads as (

    select
        source_name,
        max(extracted_date) as newest_date

    from {{ ref('fct_loads') }}

    where
        status = 'landed'
        and source_name in ('{{ sources | join("', '") }}')

    group by source_name

)

select case when count(*) = {{ sources | length }} then min(newest_date) end as delivered_date

from newest_loads
