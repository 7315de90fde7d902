{#
    The source's own log of changes, cut to tracked fields and to what had taken effect by as_of. Of changes
    at one instant the log's own number says which came last (one without a number comes first); where it
    does not, the one learnt last, then the greater key.
#}
with

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes_conformed') }}

),

begun as (

    select * from {{ ref('int_sources_begun') }}

),

dated as (

    select
        changes.*,
        greatest(changes.changed_at, opportunities.created_at) as valid_from,
        {{ told_at('changes.known_at', 'coalesce(changes.entered_at, changes.changed_at)') }} as told_at

    from changes

    inner join opportunities
        on changes.opportunity_id = opportunities.opportunity_id

    left outer join begun
        on changes.source_name = begun.source_name

    where
        changes.changed_at < {{ as_of_at() }}
        and changes.field in (
            {%- for field in tracked_fields() %}
            '{{ field }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

)

select
    opportunity_id,
    field,
    coalesce(old_value, '') as old_value,
    coalesce(new_value, '') as new_value,
    valid_from,
    row_number() over (
        partition by opportunity_id
        order by valid_from, sequence nulls first, known_at, change_id
    ) as sequence,
    known_at,
    told_at

from dated
