{#
    Qualified: reached the second open stage of the process. What was merged, binned, put to
    sleep or found unqualified is out.
#}
with

settled as (

    select * from {{ ref('int_deals_settled') }}

),

stages_reached as (

    select * from {{ ref('int_stages_reached') }}

),

second_stage as (

    select stage_id

    from {{ ref('dim_stages') }}

    where not is_closed and not is_dormant

    qualify row_number() over (order by stage_position) = 2

)

select
    settled.opportunity_id,
    settled.segment_id,
    settled.state,
    settled.amount,
    {{ elapsed_days('settled.created_at', 'settled.closed_at') }} as cycle_days,
    settled.closed_date > cast({{ as_of_date() }} - interval 12 month as date) as is_recent

from settled

inner join stages_reached
    on settled.opportunity_id = stages_reached.opportunity_id

inner join second_stage
    on stages_reached.stage_id = second_stage.stage_id

where settled.state in ('open', 'won', 'lost') and not settled.is_unqualified
