{# What a revenue target is measured by: what was invoiced, or what was won where no invoices are delivered. #}
{% macro revenue_measure() -%}
    {{ return('invoiced_net' if var('conformed').get('invoice_lines') else 'won_amount') }}
{%- endmacro %}
