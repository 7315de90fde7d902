{#
    How well a deal was qualified, by the rep who asked first, in the team and the segment of that day. A deal that is
    asked with a later version of the grid has a row for each, and the last one is what is known of it.
#}
with

answers as (

    select * from {{ ref('fct_qualification_answers') }}

),

summed as (

    select
        opportunity_id,
        grid_version,
        asked_by as rep_id,
        count(*) as criterion_count,
        count(case when is_answered then 1 end) as answered_count,
        count(case when is_off_scale then 1 end) as off_scale_count,
        cast(sum(weight) as decimal(18, 4)) as grid_weight,
        cast(sum(answered_weight) as decimal(18, 4)) as answered_weight,
        cast(sum(answered_points) as decimal(18, 6)) as answered_points,
        asked_date

    from answers

    group by opportunity_id, grid_version, asked_by, asked_date

)

select
    summed.opportunity_id,
    summed.grid_version,
    summed.rep_id,
    teams.team,
    segments.segment_id,
    coalesce(opportunities.origin, 'unknown') as origin,
    summed.criterion_count,
    summed.answered_count,
    summed.off_scale_count,
    summed.grid_weight,
    summed.answered_weight,
    summed.answered_points,
    {{ safe_divide('summed.answered_points', 'summed.answered_weight') }} as qualification_score,
    {{ safe_divide('summed.answered_weight', 'summed.grid_weight') }} as answered_share,
    row_number() over (
        partition by summed.opportunity_id
        order by summed.asked_date desc, summed.grid_version desc
    ) = 1 as is_latest,
    coalesce(opportunities.is_won, false) as is_won,
    coalesce(opportunities.is_lost and not opportunities.is_unqualified, false) as is_lost,
    summed.asked_date

from summed

left outer join {{ ref('fct_opportunities') }} as opportunities
    on summed.opportunity_id = opportunities.opportunity_id

left outer join {{ ref('int_rep_teams_dated') }} as teams
    on
        summed.rep_id = teams.rep_id
        and summed.asked_date >= teams.from_date
        and summed.asked_date < teams.until_date

left outer join {{ ref('int_account_segments_dated') }} as segments
    on
        opportunities.account_id = segments.account_id
        and summed.asked_date >= segments.from_date
        and summed.asked_date < segments.until_date

order by summed.asked_date, summed.opportunity_id, summed.grid_version
