{#
    The one clock of the project. as_of_at is an instant (UTC, exclusive): a run reads what was
    extracted before it and changed before it. as_of_date is the local day that ends there.
#}
{% macro as_of_at() -%}
    cast('{{ var("as_of_at") }}' as timestamp)
{%- endmacro %}

{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}
