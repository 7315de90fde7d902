{# The text of a percentage ("40.00") as the text of a fraction of 1 ("0.400000"). #}
{% macro percent_as_fraction(percent_text) -%}
    cast(cast(cast(nullif(trim({{ percent_text }}), '') as decimal(9, 4)) / 100 as decimal(9, 6)) as varchar)
{%- endmacro %}
