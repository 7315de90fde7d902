with

records as (

    select * from {{ ref('int_ruled_records') }}

    where is_subject

),

states as (

    select
        *,
        status in ('missing', 'placeholder', 'invalid') as is_fault

    from {{ ref('int_field_states') }}

    where status <> 'not_yet_due'

),

weighed as (

    select
        entity,
        record_id,
        sum(weight) as weight_due,
        sum(case when status = 'filled' then weight else 0 end) as weight_filled,
        count(case when is_fault and severity = 'error' then 1 end) as error_count,
        count(case when is_fault and severity = 'warn' then 1 end) as warn_count

    from states

    group by entity, record_id

)

select
    records.entity,
    records.record_id,
    records.rep_id,
    records.stage_id,
    {{ safe_divide('weighed.weight_filled', 'weighed.weight_due') }} as completeness,
    cast(coalesce(weighed.weight_due, 0) as integer) as weight_due,
    cast(coalesce(weighed.weight_filled, 0) as integer) as weight_filled,
    cast(coalesce(weighed.error_count, 0) as integer) as error_count,
    cast(coalesce(weighed.warn_count, 0) as integer) as warn_count,
    case when weighed.error_count > 0 then cast(records.open_amount as decimal(18, 2)) end as amount_at_risk

from records

left outer join weighed
    on
        records.entity = weighed.entity
        and records.record_id = weighed.record_id

order by records.entity, records.record_id
