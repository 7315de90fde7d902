with

deals as (

    select *

    from {{ ref('int_deals_settled') }}

    where state = 'open'

),

visits as (

    select *

    from {{ ref('fct_stage_visits') }}

    where is_open

),

factors as (

    select * from {{ ref('mart_overstay_factors') }}

),

pushes as (

    select
        opportunity_id,
        count(*) as push_count

    from {{ ref('fct_close_date_moves') }}

    where direction = 'push'

    group by opportunity_id

),

-- Of a deal whose close dates no log tells from the beginning, none put off is no answer.
unlogged as (

    select distinct opportunity_id

    from {{ ref('fct_opportunity_versions') }}

    where is_close_date_reconstructed

),

winners as (

    select
        stage_id,
        max(p80_winner_days) as p80_winner_days

    from factors

    group by stage_id

),

-- The factor of the last age point that the deal has passed.
passed as (

    select
        visits.stage_visit_id,
        factors.overstay_factor

    from visits

    inner join factors
        on
            visits.stage_id = factors.stage_id
            and visits.days > factors.age_days

    qualify row_number() over (
        partition by visits.stage_visit_id
        order by factors.age_days desc, factors.age_point asc
    ) = 1

)

select
    deals.opportunity_id,
    deals.account_id,
    deals.rep_id,
    deals.segment_id,
    visits.stage_id,
    deals.team,
    deals.origin,
    deals.record_type,
    deals.forecast_category,
    visits.stage_position,
    deals.amount,
    deals.weighted_amount,
    deals.win_probability,
    visits.days as days_in_stage,
    visits.expected_days,
    winners.p80_winner_days,
    coalesce(passed.overstay_factor, 1) as overstay_factor,
    case
        when pushes.push_count is not null then pushes.push_count
        when unlogged.opportunity_id is null then 0
    end as push_count,
    case
        when deals.expected_close_date < {{ as_of_date() }}
            then cast({{ calendar_days('deals.expected_close_date', as_of_date()) }} as integer)
        when deals.expected_close_date is not null then 0
    end as days_past_close,
    deals.is_unvalued,
    visits.is_overstay,
    coalesce(visits.days > winners.p80_winner_days, false) as is_overdue_against_winners,
    coalesce(deals.expected_close_date < {{ as_of_date() }}, false) as is_slipped,
    deals.created_date,
    visits.entered_date as entered_stage_date,
    deals.expected_close_date

from deals

inner join visits
    on deals.opportunity_id = visits.opportunity_id

left outer join winners
    on visits.stage_id = winners.stage_id

left outer join passed
    on visits.stage_visit_id = passed.stage_visit_id

left outer join pushes
    on deals.opportunity_id = pushes.opportunity_id

left outer join unlogged
    on deals.opportunity_id = unlogged.opportunity_id

order by deals.opportunity_id
