{#
    The variance of a share with one success and one failure added (Agresti and Coull 1998): three wins out of three
    are no certainty. A double; NULL without cases.
#}
{% macro shrunk_variance(wins, n) -%}
    case
        when {{ n }} > 0
            then (cast({{ wins }} as double) + 1) * (cast({{ n }} as double) - {{ wins }} + 1)
                / ((cast({{ n }} as double) + 2) * (cast({{ n }} as double) + 2) * {{ n }})
    end
{%- endmacro %}
