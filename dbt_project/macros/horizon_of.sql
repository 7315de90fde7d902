{# The horizon at which a deal is judged: of the six, the nearest that is no shorter. NULL beyond 90 days, and on the last day, at whose end nothing is left. #}
{% macro horizon_of(days_left) -%}
    case
        when {{ days_left }} <= 0 then cast(null as integer)
        {%- for horizon in [1, 7, 14, 30, 60, 90] %}
        when {{ days_left }} <= {{ horizon }} then {{ horizon }}
        {%- endfor %}
    end
{%- endmacro %}
