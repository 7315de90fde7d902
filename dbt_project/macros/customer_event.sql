{#
    What makes an account a customer (company.yml: customer_from). Where no invoices are delivered nothing is
    ever invoiced or paid: there it is the first deal won.
#}
{% macro customer_event() -%}
    {{ return(var('customer_from') if var('conformed').get('invoice_lines') else 'first_won') }}
{%- endmacro %}
