{#
    The text of a percentage ("40.00") as the text of a fraction of 1 ("0.400000"). A text that is no number
    stays as it is, so that it can be told (every_change_in_the_log_can_be_read).
#}
{% macro percent_as_fraction(percent_text) -%}
    coalesce(
        cast(cast(try_cast(trim({{ percent_text }}) as decimal(9, 4)) / 100 as decimal(9, 6)) as varchar),
        nullif(trim({{ percent_text }}), '')
    )
{%- endmacro %}
