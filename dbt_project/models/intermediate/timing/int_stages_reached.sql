{#
    Touched: entered at all. Reached: this stage or a later one was entered, or the deal was won, so
    that a stage jumped over counts. Touching is only believed where a log tells it: what is inferred from
    created and closed dates knows one stage and gives it the whole life.
#}
with

spells as (

    select *

    from {{ ref('int_stage_spells') }}

    where state in ('open', 'won')

),

visits as (

    select * from {{ ref('fct_stage_visits') }}

),

stages as (

    select *

    from {{ ref('dim_stages') }}

    where not is_closed and not is_dormant

),

furthest as (

    select
        opportunity_id,
        max(stage_position) as furthest_position

    from spells

    group by opportunity_id

),

touched as (

    select
        opportunity_id,
        stage_id,
        max(cumulative_days) as days,
        bool_or(is_reconstructed) as is_reconstructed

    from visits

    group by opportunity_id, stage_id

)

select
    furthest.opportunity_id,
    stages.stage_id,
    stages.stage_position,
    case when not touched.is_reconstructed then touched.days end as days,
    coalesce(not touched.is_reconstructed, false) as is_touched,
    coalesce(touched.is_reconstructed, false) as is_reconstructed

from furthest

inner join stages
    on furthest.furthest_position >= stages.stage_position

left outer join touched
    on
        furthest.opportunity_id = touched.opportunity_id
        and stages.stage_id = touched.stage_id
