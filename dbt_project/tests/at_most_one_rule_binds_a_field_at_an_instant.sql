-- Two lines of desk/mandatory_fields.csv that bind the same field of the same record contradict each other
-- and would count it twice.
select
    entity,
    record_id,
    field,
    count(*) as rules_bound

from {{ ref('int_field_states') }}

group by entity, record_id, field

having count(*) > 1
