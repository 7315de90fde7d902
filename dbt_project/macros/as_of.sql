{#
    The one clock of the project. as_of_at is an instant (UTC, exclusive): a run reads what was
    extracted before it and changed before it. as_of_date is the local day that ends there.

    A run tells them by the environment, which dbt does not look at when it parses: another day would
    otherwise cost a parse of the whole project. The vars are for unit tests, and go before.
#}
{% macro as_of_at() -%}
    cast('{{ told_of_run("as_of_at") }}' as timestamp)
{%- endmacro %}

{% macro as_of_date() -%}
    cast('{{ told_of_run("as_of_date") }}' as date)
{%- endmacro %}

{% macro told_of_run(name) -%}
    {{ return(var(name) or (env_var('PILOTAGE_' ~ name | upper) if execute else '')) }}
{%- endmacro %}
