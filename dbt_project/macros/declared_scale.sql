{#
    How a raw column writes shares: percent (50 is a half) or fraction (0.5 is). The source's declaration says
    it, under config.meta.scale of the column; nothing is guessed. Unit tests see no declarations: percent.
#}
{% macro declared_scale(source_name, table, column) -%}
    {%- set declared = graph.get('sources', {}) if execute else {} -%}
    {%- set columns = declared.get('source.pilotage.' ~ source_name ~ '.' ~ table, {}).get('columns', {}) -%}
    {%- set scale = columns.get(column, {}).get('config', {}).get('meta', {}).get('scale') -%}
    {%- if declared and scale not in ['percent', 'fraction'] -%}
        {%- do exceptions.raise_compiler_error(
            source_name ~ '.' ~ table ~ '.' ~ column ~ ' is read as a share, and its scale is not declared. Add to the '
            ~ 'column in sources.yml: config: {meta: {scale: percent}} where 50 is a half, {scale: fraction} where 0.5 is.'
        ) -%}
    {%- endif -%}
    {{ return(scale or 'percent') }}
{%- endmacro %}

{# A number of the given scale as a fraction of 1. #}
{% macro fraction(number, scale) -%}
    cast({{ number }}{{ ' / 100' if scale == 'percent' }} as decimal(9, 6))
{%- endmacro %}

{#
    The text of a number of the given scale ("40.00") as the text of a fraction of 1 ("0.400000"). A text that is
    no number stays as it is, so that it can be told (every_change_in_the_log_can_be_read).
#}
{% macro fraction_text(number_text, scale) -%}
    {%- set number = 'try_cast(trim(' ~ number_text ~ ') as decimal(' ~ ('9, 4' if scale == 'percent' else '9, 6') ~ '))' -%}
    coalesce(cast({{ fraction(number, scale) }} as varchar), nullif(trim({{ number_text }}), ''))
{%- endmacro %}
