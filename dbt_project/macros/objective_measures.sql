{#
    What an objective may be about: measure -> the sum of a rep's days that is reached, what it is divided by
    (a rate; none for a plain sum), and the entity that must be delivered for it.
#}
{% macro objective_measures() -%}
    {{ return({
        'revenue': {'reached': revenue_measure(), 'entity': 'invoice_lines' if revenue_measure() == 'invoiced_net' else 'opportunities'},
        'won_amount': {'reached': 'won_amount', 'entity': 'opportunities'},
        'invoiced_net': {'reached': 'invoiced_net', 'entity': 'invoice_lines'},
        'margin': {'reached': 'margin', 'entity': 'invoice_lines'},
        'margin_rate': {'reached': 'margin', 'of': 'costed_net', 'entity': 'invoice_lines'},
        'new_customers': {'reached': 'new_customer_count', 'entity': 'invoice_lines' if revenue_measure() == 'invoiced_net' else 'opportunities'},
        'created_deals': {'reached': 'created_count', 'entity': 'opportunities'},
        'won_deals': {'reached': 'won_count', 'entity': 'opportunities'},
        'conversion': {'reached': 'won_count', 'of': 'won_count + lost_count', 'entity': 'opportunities'},
        'meetings': {'reached': 'meetings_held_count', 'entity': 'activities'},
        'proposals': {'reached': 'proposal_count', 'entity': 'quotes'},
    }) }}
{%- endmacro %}

{#
    What a criterion brings towards 1: its attainment up to its cap; nothing below its own threshold or where the
    collective one is missed. factor: what targets are multiplied by, to try other ones.
#}
{% macro criterion_score(factor='1') -%}
    case
        when attainment is null then null
        when collective_minimum is not null and coalesce(collective_attainment / {{ factor }}, 0) < collective_minimum then 0
        when attainment / {{ factor }} < minimum then 0
        else least(attainment / {{ factor }}, coalesce(cast(cap as double), attainment / {{ factor }}))
    end
{%- endmacro %}

{# Whether weighted scores reach the whole: to 9 decimals, because weights such as a third do not add up to 1. #}
{% macro is_whole(score) -%}
    round({{ score }}, 9) >= 1
{%- endmacro %}
