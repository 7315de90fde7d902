{# Salesforce's forecast category in our words. One that is not known stays as it is, so that it can be told. #}
{% macro salesforce_category(name) -%}
    case replace(lower(trim({{ name }})), ' ', '')
        when 'omitted' then 'omitted'
        when 'pipeline' then 'pipeline'
        when 'bestcase' then 'best_case'
        when 'mostlikely' then 'commit'
        when 'forecast' then 'commit'
        when 'commit' then 'commit'
        when 'closed' then 'closed'
        else nullif(lower(trim({{ name }})), '')
    end
{%- endmacro %}
