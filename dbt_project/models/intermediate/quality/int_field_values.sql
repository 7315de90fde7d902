{#
    Opportunities have a history; of the other entities only today's value is known, which is taken
    to have held since the record was created (no date: always).
#}
with

opportunity_versions as (

    select
        *,
        max(stage_position) over (
            partition by opportunity_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as furthest_position

    from {{ ref('int_opportunities_versioned') }}

),

unpivoted as (

    {%- for field in var('ruled_fields').get('opportunities', []) %}
    select
        'opportunities' as entity,
        opportunity_id as record_id,
        '{{ field }}' as field,
        rep_id,
        stage_id,
        cast({{ field }} as varchar) as field_value,
        furthest_position,
        coalesce(state not in ('deleted', 'merged'), true) as is_subject,
        is_current,
        valid_from,
        valid_to

    from opportunity_versions

    union all
    {% endfor %}

    {%- for entity, fields in var('ruled_fields').items() if entity != 'opportunities' %}
    {%- set its = ruled_entity(entity) %}
    {%- for field in fields %}
    select
        '{{ entity }}' as entity,
        records.{{ its.key }} as record_id,
        '{{ field }}' as field,
        {{ 'owners' if its.owner else 'records' }}.rep_id,
        cast(null as varchar) as stage_id,
        cast(records.{{ field }} as varchar) as field_value,
        cast(null as integer) as furthest_position,
        {{ 'records.merged_into_id is null' if entity == 'leads' else 'true' }} as is_subject,
        true as is_current,
        {{ its.created_at }} as valid_from,
        cast(null as timestamp) as valid_to

    from {{ ref('int_' ~ entity ~ '_conformed') }} as records
    {%- if its.owner %}

    left outer join {{ ref('int_' ~ its.owner[0] ~ '_conformed') }} as owners
        on records.{{ its.owner[1] }} = owners.{{ its.owner[1] }}
    {%- endif %}

    where coalesce({{ its.created_at }} < {{ as_of_at() }}, true)

    union all
    {% endfor %}
    {%- endfor %}

    select
        cast(null as varchar) as entity,
        cast(null as varchar) as record_id,
        cast(null as varchar) as field,
        cast(null as varchar) as rep_id,
        cast(null as varchar) as stage_id,
        cast(null as varchar) as field_value,
        cast(null as integer) as furthest_position,
        cast(null as boolean) as is_subject,
        cast(null as boolean) as is_current,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to

    from opportunity_versions

    where 1 = 0

)

select * from unpivoted
