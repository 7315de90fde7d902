{#
    A status adds to its count on the day it begins and takes away on the day it ends, so that no record
    is ever multiplied by the days it lived. One that begins and ends on the same day is never seen at a
    day's end.
#}
{%- set counts = ['filled', 'missing', 'placeholder', 'invalid', 'waived', 'not_yet_due', 'default'] -%}
with

statuses as (

    select * from {{ ref('int_field_statuses') }}

    where status <> 'gone'

),

-- What most records hold today; of several values as common, the smallest text.
defaults as (

    select
        entity,
        field,
        value_key

    from statuses

    where is_current and status = 'filled'

    group by entity, field, value_key

    qualify row_number() over (partition by entity, field order by count(*) desc, value_key) = 1

),

counted as (

    select
        statuses.entity,
        statuses.field,
        statuses.rep_id,
        statuses.stage_id,
        case when statuses.status = 'filled' then 1 else 0 end as filled_count,
        case when statuses.status in ('missing', 'placeholder') then 1 else 0 end as missing_count,
        case when statuses.status = 'placeholder' then 1 else 0 end as placeholder_count,
        case when statuses.status = 'invalid' then 1 else 0 end as invalid_count,
        case when statuses.status = 'waived' then 1 else 0 end as waived_count,
        case when statuses.status = 'not_yet_due' then 1 else 0 end as not_yet_due_count,
        case when statuses.status = 'filled' and defaults.value_key is not null then 1 else 0 end as default_count,
        {{ local_date('statuses.valid_from') }} as from_date,
        {{ local_date('statuses.valid_to') }} as until_date

    from statuses

    left outer join defaults
        on
            statuses.entity = defaults.entity
            and statuses.field = defaults.field
            and statuses.value_key = defaults.value_key

),

moves as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        {%- for count in counts %}
        {{ count }}_count,
        {%- endfor %}
        from_date as move_date

    from counted

    where coalesce(from_date < until_date, true)

    union all

    select
        entity,
        field,
        rep_id,
        stage_id,
        {%- for count in counts %}
        -{{ count }}_count as {{ count }}_count,
        {%- endfor %}
        until_date as move_date

    from counted

    where from_date < until_date

)

select
    entity,
    field,
    rep_id,
    stage_id,
    {%- for count in counts %}
    sum({{ count }}_count) as {{ count }}_count,
    {%- endfor %}
    move_date

from moves

group by entity, field, rep_id, stage_id, move_date

having
    sum(filled_count) <> 0
    or sum(missing_count) <> 0
    or sum(placeholder_count) <> 0
    or sum(invalid_count) <> 0
    or sum(waived_count) <> 0
    or sum(not_yet_due_count) <> 0
    or sum(default_count) <> 0
