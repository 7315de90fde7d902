{#
    What can be learnt about stages: a visit that ended, with each closing that came after it. Of several
    closings of a deal (won, reopened, lost) one holds on any day, so a visit is one case on any day.
#}
with

visits as (

    select *

    from {{ ref('fct_stage_visits') }}

    where not is_open and not is_reconstructed

),

spells as (

    select * from {{ ref('int_stage_spells') }}

),

stages as (

    select * from {{ ref('stages') }}

),

-- What turned out to be no deal at all says nothing about chances.
closings as (

    select closings.*

    from {{ ref('int_closings_dated') }} as closings

    inner join spells
        on
            closings.opportunity_id = spells.opportunity_id
            and closings.closed_at = spells.entered_at

    inner join stages
        on spells.stage_id = stages.stage_id

    where not coalesce(stages.is_unqualified, false)

)

select
    visits.stage_visit_id,
    visits.opportunity_id,
    coalesce(visits.rep_id, 'unassigned') as rep_id,
    visits.stage_id,
    visits.days,
    closings.state = 'won' as is_won,
    visits.entered_date,
    closings.closed_date,
    closings.reversed_date,
    closings.known_date,
    closings.reversal_known_date,
    closings.closed_at

from visits

inner join closings
    on
        visits.opportunity_id = closings.opportunity_id
        and visits.left_at <= closings.closed_at
