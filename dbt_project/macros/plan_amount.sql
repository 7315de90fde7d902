{#
    An amount in the reporting currency, at the plan rate of a fiscal year. The reporting currency
    itself is worth 1 in every year, whatever the desk says; an unknown rate gives null, never 1.

    rate: the column of ref('int_fx_plan_rates'), left joined on currency and fiscal_year.
#}
{% macro plan_amount(amount, currency, rate, scale=4) -%}
    cast(
        {{ amount }} * case
            when {{ currency }} = '{{ var("reporting_currency") }}' then cast(1 as decimal(18, 6))
            else {{ rate }}
        end as decimal(18, {{ scale }})
    )
{%- endmacro %}
