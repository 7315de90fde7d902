{#
    Appointments to which nobody came and for which no other was made since: neither linked to it, nor booked or held
    with the same account. With a deal that is over there is nothing to rebook.
#}
with

activities as (

    select * from {{ ref('fct_activities') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

last_appointments as (

    select
        account_id,
        max(activity_date) as last_date

    from activities

    where is_appointment and (is_held or activity_status = 'planned')

    group by account_id

)

select
    'no_show_to_rebook' as action_kind,
    activities.rep_id,
    activities.account_id,
    activities.opportunity_id,
    activities.activity_id as record_id,
    'Nobody came to the ' || activities.activity_type || ' on ' || cast(activities.activity_date as varchar)
    || ', and none was made since' as reason,
    opportunities.amount,
    activities.activity_date as event_date

from activities

left outer join opportunities
    on activities.opportunity_id = opportunities.opportunity_id

left outer join last_appointments
    on activities.account_id = last_appointments.account_id

where
    activities.is_appointment
    and activities.is_no_show
    and not activities.is_rebooked
    and coalesce(opportunities.is_open, true)
    and coalesce(last_appointments.last_date <= activities.activity_date, true)
