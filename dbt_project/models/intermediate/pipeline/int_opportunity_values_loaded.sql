{#
    What successive loads say where the source keeps no log: one row per opportunity, tracked field and
    load after the first, the value as text beside that of the load before. It counts from the instant we
    learnt it, or from the closing that it reports.
#}
with

stages as (

    select * from {{ ref('stages') }}

),

loads as (

    select
        loads.*,
        coalesce(loads.is_deleted, false) or loads.is_vanished as is_gone,
        -- The date of a closing that the source keeps after a reopening says nothing of the open stage.
        case when stages.is_closed then loads.closed_at end as told_closed_at,
        lag(loads.known_at) over (partition by loads.opportunity_id order by loads.load_no) as previous_known_at

    from {{ ref('int_opportunities_loaded') }} as loads

    left outer join stages
        on loads.stage_id = stages.stage_id

    -- Nearly all deals of a source that keeps a log are loaded once.
    qualify count(*) over (partition by loads.opportunity_id) > 1

),

{% set fields = tracked_fields() -%}
unpivoted as (

    {%- for field in fields %}
    select
        opportunity_id,
        '{{ field }}' as field,
        coalesce(cast({{ 'is_gone' if field == 'is_deleted' else field }} as varchar), '') as field_value,
        {%- if field == 'stage_id' %}
        case
            when told_closed_at > previous_known_at and told_closed_at < known_at then told_closed_at
            else known_at
        end as valid_from,
        {%- else %}
        known_at as valid_from,
        {%- endif %}
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

qualify load_no > 1
