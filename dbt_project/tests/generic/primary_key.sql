{# Grain: no two rows share the key, and no part of it is empty. #}
{% test primary_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_of_key

from {{ model }}

group by {{ columns | join(', ') }}

having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
