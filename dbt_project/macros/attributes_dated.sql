{#
    What successive loads tell of attributes, as intervals of days, so that what happens on a day belongs to the
    attributes of that day: of the loads of a day the last counts. Before the first load the first one's word is
    taken; a record that vanished stays in its last.

    relation: one row per record and load, with known_at, load_no and is_vanished; key: its record's key.
#}
{% macro attributes_dated(relation, key, attributes) -%}
with

loaded as (

    select
        {{ key }},
        {{ attributes | join(', ') }},
        {{ local_date('known_at') }} as told_date,
        load_no

    from {{ relation }}

    where not is_vanished

),

told as (

    select *

    from loaded

    qualify row_number() over (partition by {{ key }}, told_date order by load_no desc) = 1

),

changed as (

    select
        *,
        row_number() over (partition by {{ key }} order by told_date) = 1 as is_first

    from told

    qualify
        row_number() over (partition by {{ key }} order by told_date) = 1
        {%- for name in attributes %}
        or {{ name }} is distinct from lag({{ name }}) over (partition by {{ key }} order by told_date)
        {%- endfor %}

)

select
    {{ key }},
    {{ attributes | join(', ') }},
    case when is_first then date '0001-01-01' else told_date end as from_date,
    coalesce(lead(told_date) over (partition by {{ key }} order by told_date), date '9999-12-31') as until_date

from changed
{%- endmacro %}
