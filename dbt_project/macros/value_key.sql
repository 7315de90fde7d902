{#
    A comparable text in which numbers are equal too (0.00 = 0), whatever their zeros. NULL where
    nothing is left.

    comparable: a column that holds comparable_text().
#}
{% macro value_key(comparable) -%}
    coalesce(
        cast(try_cast({{ comparable }} as decimal(38, 12)) as varchar),
        nullif({{ comparable }}, '')
    )
{%- endmacro %}

{# What kind of value a column holds: number, day, instant, boolean or text. #}
{% macro value_kind(column) -%}
    case
        when lower(typeof({{ column }})) like 'timestamp%' then 'instant'
        when lower(typeof({{ column }})) = 'date' then 'day'
        when lower(typeof({{ column }})) = 'boolean' then 'boolean'
        when lower(typeof({{ column }})) in ('varchar', 'string') then 'text'
        else 'number'
    end
{%- endmacro %}

{# The local day of a value that is one, by its kind; NULL for any other value. #}
{% macro told_day(value, kind) -%}
    case {{ kind }}
        when 'day' then try_cast({{ value }} as date)
        when 'instant' then {{ local_date('try_cast(' ~ value ~ ' as timestamp)') }}
    end
{%- endmacro %}

{# -1, 0 or 1: the first value lies before, at or after the second. #}
{% macro order_of(first, second) -%}
    case when {{ first }} < {{ second }} then -1 when {{ first }} = {{ second }} then 0 when {{ first }} > {{ second }} then 1 end
{%- endmacro %}
