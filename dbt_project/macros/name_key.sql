{#
    A name in the form in which the same company or person is the same: no accents, no punctuation, no
    legal form, no blanks. NULL where nothing is left.
#}
{% macro name_key(expression) -%}
    {%- set undotted = "replace(" ~ without_accents(comparable_text(expression)) ~ ", '.', '')" -%}
    {%- set plain = replace_matches(undotted, '[^\\pL\\pN]+', ' ') -%}
    {%- set legal_forms = 'sa|sas|sasu|sarl|eurl|snc|gmbh|ag|kg|ohg|ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|co|company|bv|nv|spa|srl|sl|oy|ab|as|aps' -%}
    nullif({{ replace_matches(replace_matches(plain, '\\b(' ~ legal_forms ~ ')\\b', ''), ' +', '') }}, '')
{%- endmacro %}
