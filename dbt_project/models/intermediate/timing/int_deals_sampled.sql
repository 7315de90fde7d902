{#
    A deal as it stood at the end of one day, its stage of that day beside what became of it. The day is the
    end of the first quarter at whose end the deal is open: that asks nothing of its future, and every deal
    counts once, in one stage, so that the cohorts of two stages share none. A quarter's end must be three
    months old, lest only what closes fast be settled by as_of. Stages that no log tells are left out.
#}
with

quarter_ends as (

    select max(date_day) as sample_date

    from {{ ref('dim_dates') }}

    group by quarter_start_date

    having cast(max(date_day) + interval 3 month as date) <= {{ as_of_date() }}

),

versions as (

    select *

    from {{ ref('fct_opportunity_versions') }}

    where state = 'open' and not is_stage_reconstructed

),

settled as (

    select *

    from {{ ref('int_deals_settled') }}

    where state in ('open', 'dormant', 'won', 'lost') and not is_unqualified

),

reps as (

    select * from {{ ref('dim_reps') }}

),

sampled as (

    select
        versions.*,
        quarter_ends.sample_date

    from versions

    inner join quarter_ends
        on
            versions.valid_from_date <= quarter_ends.sample_date
            and coalesce(versions.valid_to_date > quarter_ends.sample_date, true)

    qualify row_number() over (
        partition by versions.opportunity_id
        order by quarter_ends.sample_date
    ) = 1

)

select
    sampled.opportunity_id,
    coalesce(sampled.rep_id, 'unassigned') as rep_id,
    coalesce(reps.team, 'unknown') as team,
    coalesce(sampled.segment_id, 'unknown') as segment_id,
    settled.record_type,
    sampled.stage_id,
    sampled.stage_position,
    settled.state in ('won', 'lost') as is_resolved,
    settled.state = 'won' as is_won,
    sampled.sample_date

from sampled

inner join settled
    on sampled.opportunity_id = settled.opportunity_id

left outer join reps
    on sampled.rep_id = reps.rep_id
