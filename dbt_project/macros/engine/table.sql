{#
    dbt's way to a table (build beside it, rename, drop the old one) keeps readers from seeing half of it. Nobody reads
    the work file while a run builds it, and DuckDB replaces a table in one statement, in a transaction: where the
    select fails, the old table stays. What a model in Python gives can be named only after it is there.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set is_python = model['language'] == 'python' -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = make_intermediate_relation(target) if is_python else target -%}
    {{- run_hooks(pre_hooks) }}
    {%- call statement('main', language=model['language']) -%}
        {%- if is_python -%}
        {{- create_table_as(false, built, compiled_code, 'python') }}
        {%- else -%}
        {{- replace_table(target, existing) }}
        {%- endif -%}
    {%- endcall -%}
    {%- if is_python -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- do adapter.rename_relation(built, target) -%}
    {%- endif -%}
    {{- run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# The statements that put the select of a model in the place of what stood there. #}
{% macro replace_table(target, existing) -%}
    {%- if existing is not none and existing.is_view %}
    drop view {{ existing }};
    {%- endif %}
    {%- if config.get('contract').enforced %}
    {{- get_assert_columns_equivalent(compiled_code) }}
    create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
    insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
    {%- else %}
    create or replace table {{ target }} as ({{ compiled_code }});
    {%- endif %}
{%- endmacro %}
