{#
    The open deals of today with their factors. Apart from mart_probability_factors, because fct_opportunities shows the
    chance of ever winning, and the timing factor is learnt from what is built on fct_opportunities.
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
        versions.expected_close_date,
        {{ as_of_date() }} as stated_date,
        cast(date_trunc('month', {{ as_of_date() }}) as date) as month_start_date

    from versions

    inner join visits
        on versions.opportunity_id = visits.opportunity_id

)

{{ deal_factors('deals') }}
