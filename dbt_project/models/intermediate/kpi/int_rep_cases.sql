{#
    What each rep closed in the last twelve months (with the running one), by team and cell: deals of the same territory, segment and
    seniority are alike, whoever works them. Attributes are those of the
    end of the month of closing.
#}
with

outcomes as (

    select *

    from {{ ref('int_outcomes_dated') }}

    where
        basis = 'closed'
        and period_grain = 'month'
        and is_restated
        and period_start_date > cast({{ as_of_date() }} - interval 12 month as date)

),

rep_posts as (

    select * from {{ ref('int_rep_posts_dated') }}

),

posted as (

    select
        outcomes.rep_id,
        coalesce(rep_posts.team, 'unknown') as team,
        coalesce(rep_posts.territory, 'unknown') as territory,
        coalesce(outcomes.segment_id, 'unknown') as segment_id,
        coalesce(rep_posts.seniority, 'unknown') as seniority,
        outcomes.outcome

    from outcomes

    inner join rep_posts
        on
            outcomes.rep_id = rep_posts.rep_id
            and least(outcomes.period_end_date, {{ as_of_date() }}) >= rep_posts.from_date
            and least(outcomes.period_end_date, {{ as_of_date() }}) < rep_posts.until_date

)

select
    rep_id,
    team,
    territory,
    segment_id,
    seniority,
    count(*) as closed_count,
    count(case when outcome = 'won' then 1 end) as won_count

from posted

group by rep_id, team, territory, segment_id, seniority
