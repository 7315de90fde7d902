{#
    The chance that a standard normal variable exceeds z: 1 - Phi(z). Engines have no such function;
    this is formula 26.2.17 of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), whose
    error is below 7.5e-8.

    z: a column name (it is repeated).
#}
{% macro normal_upper_tail(z) -%}
    {%- set t = '(1 / (1 + 0.2316419 * abs(' ~ z ~ ')))' -%}
    case
        when {{ z }} >= 0 then 1.0
        else -1.0
    end * 0.3989422804014327 * exp(-{{ z }} * {{ z }} / 2) * {{ t }} * (
        0.319381530 + {{ t }} * (
            -0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429))
        )
    ) + case when {{ z }} < 0 then 1.0 else 0.0 end
{%- endmacro %}
