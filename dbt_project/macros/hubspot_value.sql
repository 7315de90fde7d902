{#
    The value of a HubSpot property as the text of our field. A close date is an instant there: its day depends on the
    zone. What cannot be read stays as it is, so that it can be told.
#}
{% macro hubspot_value(value, scale) -%}
    case property
            when 'dealstage' then nullif(lower(trim({{ value }})), '')
            when 'hs_forecast_category' then nullif(lower(trim({{ value }})), '')
            when 'closedate' then coalesce(
                cast({{ local_date('try_cast(' ~ value ~ ' as timestamp)') }} as varchar), nullif(trim({{ value }}), '')
            )
            when 'hs_deal_stage_probability' then {{ fraction_text(value, scale) }}
            else nullif(trim({{ value }}), '')
        end
{%- endmacro %}
