{#
    When two texts are the same text: expectations/texts.py is the definition, this its SQL. Blanks and
    invisible characters (\pZ, \pC) at both ends are cut off, unusual forms made plain, letters lowered.
#}

{# The text without the blanks and invisible characters at its ends. #}
{% macro trimmed_text(expression) -%}
    {{ return(adapter.dispatch('trimmed_text')(expression)) }}
{%- endmacro %}
{% macro duckdb__trimmed_text(expression) -%}
    regexp_replace({{ expression }}, '^[\pZ\pC]+|[\pZ\pC]+$', '', 'g')
{%- endmacro %}
{% macro spark__trimmed_text(expression) -%}
    regexp_replace({{ expression }}, r'^[\pZ\pC]+|[\pZ\pC]+$', '')
{%- endmacro %}

{# The text in the form in which equal texts are equal; empty where it says nothing. #}
{% macro comparable_text(expression) -%}
    lower({{ trimmed_text(narrowed_text(expression)) }})
{%- endmacro %}

{# Few texts hold anything to narrow, and translate() is slow: it is called for those only. #}
{% macro narrowed_text(expression) -%}
    {%- set blanks = '\u00a0\u2002\u2003\u2007\u2009\u202f\u3000' -%}
    {%- set hyphens = '\u2010\u2011\u2012\u2013\u2014\u2212' -%}
    {%- set plain = namespace(wide='', ascii='') -%}
    {%- for code in range(33, 127) -%}
        {%- set plain.wide = plain.wide ~ '%c' | format(code + 65248) -%}
        {%- set plain.ascii = plain.ascii ~ '%c' | format(code) -%}
    {%- endfor -%}
    {%- set narrow = plain.ascii.replace("'", "''") ~ ' ' * blanks | length ~ '-' * hyphens | length -%}
    case
        when {{ matches_somewhere(expression, '[' ~ plain.wide[0] ~ '-' ~ plain.wide[-1] ~ blanks ~ hyphens ~ ']') }}
            then translate({{ expression }}, '{{ plain.wide ~ blanks ~ hyphens }}', {{ text_literal(narrow) }})
        else {{ expression }}
    end
{%- endmacro %}

{# A string literal whose backslashes mean themselves; quotes are doubled already. #}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal')(text)) }}
{%- endmacro %}
{% macro duckdb__text_literal(text) -%} '{{ text }}' {%- endmacro %}
{% macro spark__text_literal(text) -%} '{{ text.replace("\\", "\\\\").replace("''", "\\'") }}' {%- endmacro %}

{# Whether a regular expression (RE2 and Java both) matches a part of the text. #}
{% macro matches_somewhere(expression, pattern) -%}
    {{ return(adapter.dispatch('matches_somewhere')(expression, pattern)) }}
{%- endmacro %}
{% macro duckdb__matches_somewhere(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}
{% macro spark__matches_somewhere(expression, pattern) -%}
    {{ expression }} rlike r'{{ pattern }}'
{%- endmacro %}

{# Whether the regular expression in a column matches the whole text. #}
{% macro matches_wholly(expression, pattern_column) -%}
    {{ return(adapter.dispatch('matches_wholly')(expression, pattern_column)) }}
{%- endmacro %}
{% macro duckdb__matches_wholly(expression, pattern_column) -%}
    regexp_full_match({{ expression }}, {{ pattern_column }})
{%- endmacro %}
{% macro spark__matches_wholly(expression, pattern_column) -%}
    {{ expression }} rlike concat('\\A(?:', {{ pattern_column }}, ')\\z')
{%- endmacro %}

{# One row per item of a list written a|b|c, in a select: list_items('record_types') as item. #}
{% macro list_items(expression) -%}
    {{ return(adapter.dispatch('list_items')(expression)) }}
{%- endmacro %}
{% macro duckdb__list_items(expression) -%}
    unnest(string_split({{ expression }}, '|'))
{%- endmacro %}
{% macro spark__list_items(expression) -%}
    explode(split({{ expression }}, '[|]'))
{%- endmacro %}
