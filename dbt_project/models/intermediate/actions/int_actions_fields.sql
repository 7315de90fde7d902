{#
    Mandatory fields that the rep, or the record's owner, has to fill.
#}
with

violations as (

    select *

    from {{ ref('fct_field_violations') }}

    where is_open and accountable in ('rep', 'owner')

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

)

select
    'field_to_fill' as action_kind,
    violations.rep_id_current as rep_id,
    opportunities.account_id,
    opportunities.opportunity_id,
    violations.violation_id as record_id,
    violations.field || ' of ' || violations.entity || ' ' || violations.record_id || ': '
    || violations.value_class as reason,
    case when opportunities.is_open then opportunities.amount end as amount,
    violations.first_seen_date as event_date

from violations

left outer join opportunities
    on case when violations.entity = 'opportunities' then violations.record_id end = opportunities.opportunity_id
