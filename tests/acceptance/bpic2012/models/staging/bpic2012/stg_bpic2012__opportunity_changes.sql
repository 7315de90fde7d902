{# The first event of an application is its creation: it changes nothing. #}
with

stage_events as (

    select * from {{ ref('stg_bpic2012__stage_events') }}

),

changes as (

    {% for field in ['stage_id', 'rep_id'] -%}
    select
        opportunity_id,
        rep_id as changed_by,
        '{{ field }}' as field,
        previous_{{ field }} as old_value,
        {{ field }} as new_value,
        sequence,
        changed_at,
        {{ lake_columns() }}

    from stage_events

    where step_no > 1 and {{ field }} is distinct from previous_{{ field }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}
),

renamed as (

    select

        -- ids
        _key || '|' || field as change_id,
        opportunity_id,
        changed_by,

        -- strings
        field,
        old_value,
        new_value,

        -- numerics
        sequence,

        -- timestamps
        changed_at,
        changed_at as entered_at,

        -- lake: an event may change both fields
        _key || '|' || field as _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at

    from changes

)

select * from renamed
