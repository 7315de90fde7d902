{#
    What successive loads say of every ruled field of the entities that keep no log. The first load's
    word holds since the record was created (or, where nobody says when, since it was first delivered),
    a later one's since we learnt it. A record that vanished is there, and no subject of any rule.
#}
with

{% for entity, fields in var('ruled_fields').items() if entity != 'opportunities' -%}
{%- set its = ruled_entity(entity) -%}
{{ entity }}_loads as (

    {{ conformed(entity, ruled_columns(entity), keep_loads=true) | indent(4) }}

),

{{ entity }}_born as (

    select
        *,
        first_value({{ its.born_at }}) over (partition by source_name, {{ its.key }} order by load_no desc) as stated_at,
        first_value(known_at) over (partition by source_name, {{ its.key }} order by load_no) as first_known_at,
        lead(known_at) over (partition by source_name, {{ its.key }} order by load_no) as next_known_at

    from {{ entity }}_loads

),

{{ entity }}_lives as (

    select
        *,
        least(stated_at, first_known_at) as born_at,
        case when load_no = 1 then least(stated_at, first_known_at) else known_at end as lived_from,
        coalesce(next_known_at, cast('9999-12-31' as timestamp)) as lived_until

    from {{ entity }}_born
    {%- if 'created_at' in its.reads %}

    where coalesce(stated_at < {{ as_of_at() }}, true)
    {%- endif %}

),

{% if its.owner -%}
{{ entity }}_owners as (

    {{ owner_terms(*its.owner) | indent(4) }}

),

{% endif -%}
{%- endfor -%}

unpivoted as (

    {%- for entity, fields in var('ruled_fields').items() if entity != 'opportunities' %}
    {%- set its = ruled_entity(entity) %}
    {%- for field in fields %}
    select
        '{{ entity }}' as entity,
        lives.{{ its.key }} as record_id,
        '{{ field }}' as field,
        {{ 'owners' if its.owner else 'lives' }}.rep_id,
        cast({{ 'lives.' ~ its.type if its.type else 'null' }} as varchar) as record_type,
        coalesce(cast(lives.{{ field }} as varchar), '') as field_value,
        {{ value_kind('lives.' ~ field) }} as value_kind,
        not lives.is_vanished{{ ' and lives.merged_into_id is null' if entity == 'leads' }} as is_subject,
        lives.born_at,
        {%- if its.owner %}
        greatest(lives.lived_from, owners.since_at) as valid_from,
        nullif(least(lives.lived_until, owners.until_at), cast('9999-12-31' as timestamp)) as valid_to
        {%- else %}
        lives.lived_from as valid_from,
        lives.next_known_at as valid_to
        {%- endif %}

    from {{ entity }}_lives as lives
    {%- if its.owner %}

    left outer join {{ entity }}_owners as owners
        on
            lives.{{ its.owner[1] }} = owners.owner_id
            and lives.lived_until > owners.since_at
            and lives.lived_from < owners.until_at
    {%- endif %}

    union all
    {% endfor %}
    {%- endfor %}

    select
        cast(null as varchar) as entity,
        cast(null as varchar) as record_id,
        cast(null as varchar) as field,
        cast(null as varchar) as rep_id,
        cast(null as varchar) as record_type,
        cast(null as varchar) as field_value,
        cast(null as varchar) as value_kind,
        cast(null as boolean) as is_subject,
        cast(null as timestamp) as born_at,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to

    from {{ ref('mandatory_fields') }}

    where 1 = 0

)

select *

from unpivoted

where coalesce(valid_from < valid_to, true)
