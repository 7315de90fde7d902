{# Every row fulfils the condition; a row where it is unknown (null) does not. #}
{% test is_true(model, condition) %}
select *

from {{ model }}

where not coalesce({{ condition }}, false)
{% endtest %}
