{#
    What successive loads say where the source keeps no log: one row per opportunity, tracked field and
    load, the value as text. Load 1 says what held until it; a later load says what changed since the
    one before, as of the instant we learnt it, or of the closing that it reports.
#}
with

loads as (

    select
        *,
        coalesce(is_deleted, false) or is_vanished as is_gone,
        lag(known_at) over (partition by opportunity_id order by load_no) as previous_known_at

    from {{ ref('int_opportunities_loaded') }}

),

{% set fields = tracked_fields() -%}
unpivoted as (

    {%- for field in fields %}
    select
        opportunity_id,
        '{{ field }}' as field,
        coalesce(cast({{ 'is_gone' if field == 'is_deleted' else field }} as varchar), '') as field_value,
        case
            when '{{ field }}' = 'stage_id' and closed_at > previous_known_at and closed_at < known_at then closed_at
            else known_at
        end as valid_from,
        load_no,
        is_vanished,
        known_at

    from loads
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    opportunity_id,
    field,
    field_value,
    lag(field_value) over (partition by opportunity_id, field order by load_no) as previous_value,
    lag(is_vanished) over (partition by opportunity_id, field order by load_no) as was_vanished,
    is_vanished,
    cast(load_no as bigint) as load_no,
    valid_from,
    known_at

from unpivoted
