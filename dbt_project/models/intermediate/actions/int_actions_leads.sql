{#
    Leads that nobody was given. (Leads over the score's threshold belong here too, once leads are scored.)
#}
with

leads as (

    select * from {{ ref('fct_leads') }}

)

select
    'lead_not_routed' as action_kind,
    cast(null as varchar) as rep_id,
    account_id,
    opportunity_id,
    lead_id as record_id,
    'Came in on ' || cast(created_date as varchar) || ' from ' || origin || ', nobody was given it' as reason,
    cast(null as decimal(18, 2)) as amount,
    created_date as event_date

from leads

where rep_id is null and not is_converted
