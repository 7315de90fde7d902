{# The horizon at which a deal is judged: of the six, the nearest that is no shorter. NULL beyond 90 days, or after the end. #}
{% macro horizon_of(days_left) -%}
    case
        when {{ days_left }} < 0 then cast(null as integer)
        {%- for horizon in [1, 7, 14, 30, 60, 90] %}
        when {{ days_left }} <= {{ horizon }} then {{ horizon }}
        {%- endfor %}
    end
{%- endmacro %}
