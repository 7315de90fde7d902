{#
    The source's own log of changes, cut to tracked fields and to what had taken effect by as_of.
#}
with

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes_conformed') }}

)

select
    changes.opportunity_id,
    changes.field,
    coalesce(changes.old_value, '') as old_value,
    coalesce(changes.new_value, '') as new_value,
    greatest(changes.changed_at, opportunities.created_at) as valid_from,
    changes.sequence,
    changes.known_at

from changes

inner join opportunities
    on changes.opportunity_id = opportunities.opportunity_id

where
    changes.changed_at < {{ as_of_at() }}
    and changes.field in (
        {%- for field in tracked_fields() %}
        '{{ field }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
