{#
    A source table as it stood at as_of: one row per key, the latest; vanished rows left out.
    For a staging model that must look up what its export only mentions by key, or that derives an
    entity (a customer, a product) from another entity's lines.
#}
{% macro latest_rows(relation) -%}
    select *

    from {{ relation }}

    where _extracted_at < {{ as_of_at() }}

    qualify _op <> 'delete'
        and row_number() over (
            partition by _key
            order by _extracted_at desc, _source_file desc, _row_number desc
        ) = 1
{%- endmacro %}
