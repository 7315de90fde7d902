{#
    dbt's way to a table (build beside it, rename, drop the old one) keeps readers from seeing half of it. Nobody reads
    the work file while a run builds it, and DuckDB replaces a table in one statement.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_replaced = model['language'] == 'sql' and (existing is none or existing.is_table) -%}
    {%- if existing is not none and not is_replaced -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {%- if model['language'] == 'python' -%}
        {{- create_table_as(false, target, compiled_code, 'python') }}
        {%- elif config.get('contract').enforced %}
        {{- get_assert_columns_equivalent(compiled_code) }}
        create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
        insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
        {%- else %}
        create or replace table {{ target }} as ({{ compiled_code }});
        {%- endif %}
    {%- endcall -%}
    {{- run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
