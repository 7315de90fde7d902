{#
    One line of arithmetic per open deal: stage_rate x overstay_factor x rep_factor, at most 1. All three are
    refitted when a month begins, on what had closed before it.
#}
with

visits as (

    select *

    from {{ ref('fct_stage_visits') }}

    where is_open

),

versions as (

    select *

    from {{ ref('int_opportunities_versioned') }}

    where is_current and state = 'open'

),

deals as (

    select
        versions.opportunity_id,
        coalesce(versions.rep_id, 'unassigned') as rep_id,
        versions.stage_id,
        versions.win_probability as stated_probability,
        case when not visits.is_reconstructed then visits.days end as days_in_stage,
        {{ as_of_date() }} as stated_date,
        cast(date_trunc('month', {{ as_of_date() }}) as date) as month_start_date

    from versions

    inner join visits
        on versions.opportunity_id = visits.opportunity_id

),

factored as (

    {{ deal_factors('deals') }}

)

select
    opportunity_id,
    rep_id,
    stage_id,
    cast(stage_case_count as integer) as stage_case_count,
    cast(overstay_case_count as integer) as overstay_case_count,
    cast(rep_case_count as integer) as rep_case_count,
    days_in_stage,
    stage_rate,
    overstay_factor,
    rep_factor,
    cast(calibrated_probability as decimal(9, 6)) as calibrated_probability,
    stated_probability,
    month_start_date as fitted_before_date

from factored

order by opportunity_id
