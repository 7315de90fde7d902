{#
    The instant at which something that the CRM tells could be known: what came with the source's first delivery, when it
    was typed in; what came later, when it came.

    begun: the relation int_sources_begun, joined on source_name.
#}
{% macro told_at(known_at, typed_at, begun='begun') -%}
    case when {{ known_at }} > {{ begun }}.first_delivered_at then {{ known_at }} else {{ typed_at }} end
{%- endmacro %}
