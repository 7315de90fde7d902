{# A share as people read it: 0.456 is 46 %. #}
{% macro percent_text(share) -%}
    cast(cast(round(100 * {{ share }}) as integer) as varchar) || ' %'
{%- endmacro %}
