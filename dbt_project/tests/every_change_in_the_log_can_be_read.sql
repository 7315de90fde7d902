{{ config(severity = 'warn') }}
-- A change without an instant is in no version, and a text that is no number, day or yes/no is no value there.
-- Each row names the change, never what it says: mend it in the source, it comes with the next delivery.
with

changes as (

    select *

    from {{ ref('int_opportunity_changes_conformed') }}

    where field in (
        {%- for field in tracked_fields() %}
        '{{ field }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )

),

judged as (

    select
        opportunity_id,
        change_id,
        field,
        case
            when changed_at is null then 'no instant'
            when not {{ is_readable('field', 'new_value') }} then 'unreadable new value'
            when not {{ is_readable('field', 'old_value') }} then 'unreadable old value'
        end as fault,
        changed_at

    from changes

)

select *

from judged

where fault is not null
