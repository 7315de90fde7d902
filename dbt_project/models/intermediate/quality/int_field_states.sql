with

field_statuses as (

    select * from {{ ref('int_field_statuses') }}

),

states as (

    select
        entity,
        record_id,
        field,
        rep_id,
        stage_id,
        severity,
        case when rule_since_date > {{ as_of_date() }} then 'not_due' else status end as status,
        weight

    from field_statuses

    where is_current

)

select *

from states

order by entity, field, record_id
