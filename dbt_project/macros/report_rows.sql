{#
    Post-hook: says how many rows a model holds, so that a run can show progress and the asset its
    row count without opening the warehouse beside dbt.
#}
{% macro report_rows() -%}
    {%- if execute and model.config.materialized == 'table' -%}
        {%- set rows = run_query('select count(*) from ' ~ this).columns[0].values()[0] -%}
        {{ log('rows: ' ~ rows, info=true) }}
    {%- endif -%}
{%- endmacro %}
