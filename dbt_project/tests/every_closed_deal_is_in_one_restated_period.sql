{{ config(meta = {"dagster": {"ref": {"name": "mart_win_rates"}}}) }}
-- The periods, restated, neither lose nor double a deal that is won or lost today; unqualified ones are in none.
with

restated as (

    select
        period_grain,
        sum(restated_case_count) as closed_count,
        sum(restated_won_count) as won_count

    from {{ ref('mart_win_rates') }}

    where level = 'company' and basis = 'closed'

    group by period_grain

),

current_versions as (

    select
        count(case when versions.state in ('won', 'lost') then 1 end) as closed_count,
        count(case when versions.state = 'won' then 1 end) as won_count

    from {{ ref('fct_opportunity_versions') }} as versions

    inner join {{ ref('dim_stages') }} as stages
        on versions.stage_id = stages.stage_id

    where versions.is_current and not stages.is_unqualified

)

select
    restated.period_grain,
    restated.closed_count,
    restated.won_count,
    current_versions.closed_count as closed_version_count,
    current_versions.won_count as won_version_count

from restated

cross join current_versions

where
    restated.closed_count <> current_versions.closed_count
    or restated.won_count <> current_versions.won_count
