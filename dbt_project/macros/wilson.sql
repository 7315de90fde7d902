{#
    The Wilson interval of a share at 95 % (E. B. Wilson 1927): it stays within 0 and 1 and is honest at
    small n, where share +- 2 standard errors is neither. NULL when n is 0.

    wins, n: counts, as SQL. Returns a double.
#}
{% macro wilson_low(wins, n) -%}
    {{ wilson_bound(wins, n, '-') }}
{%- endmacro %}

{% macro wilson_high(wins, n) -%}
    {{ wilson_bound(wins, n, '+') }}
{%- endmacro %}

{% macro wilson_bound(wins, n, sign) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set share = safe_divide(wins, n) -%}
    {%- set cases = 'nullif(cast(' ~ n ~ ' as double), 0)' -%}
    (
        {{ share }} + {{ z * z / 2 }} / {{ cases }}
        {{ sign }} {{ z }} * sqrt(greatest(0, {{ share }} * (1 - {{ share }})) / {{ cases }}
            + {{ z * z / 4 }} / ({{ cases }} * {{ cases }}))
    ) / (1 + {{ z * z }} / {{ cases }})
{%- endmacro %}
