with

facts as (

    select * from {{ ref('int_reps_reviewed') }}

),

talks as (

    select
        rep_id,
        max(case when position = 1 then told end) as talk_1,
        max(case when position = 2 then told end) as talk_2,
        max(case when position = 3 then told end) as talk_3

    from {{ ref('int_review_topics') }}

    group by rep_id

)

select
    facts.rep_id,
    facts.manager_id,
    facts.rep_name,
    facts.team,
    talks.talk_1,
    talks.talk_2,
    talks.talk_3,
    facts.quadrant,
    facts.forecast_direction,
    facts.year_attainment,
    cast(facts.judged_month_count as integer) as judged_month_count,
    cast(facts.attained_month_count as integer) as attained_month_count,
    facts.closed_count,
    facts.conversion,
    facts.conversion_low,
    facts.conversion_high,
    facts.peer_conversion,
    facts.residual,
    facts.residual_low,
    facts.residual_high,
    facts.coverage_next,
    facts.required_coverage,
    facts.creation,
    cast(facts.open_count as integer) as open_count,
    cast(facts.open_amount as decimal(18, 2)) as open_amount,
    cast(facts.overstay_count as integer) as overstay_count,
    cast(facts.slipped_count as integer) as slipped_count,
    cast(facts.push_count as integer) as push_count,
    facts.forecast_bias,
    facts.forecast_method,
    cast(facts.forecast_horizon_days as integer) as forecast_horizon_days,
    cast(facts.minutes as bigint) as minutes,
    facts.administrative_share,
    cast(facts.meetings_held_count as integer) as meetings_held_count,
    facts.no_show_rate,
    cast(facts.field_count as integer) as field_count,
    cast(facts.amount_at_risk as decimal(18, 2)) as amount_at_risk,
    facts.completeness

from facts

left outer join talks
    on facts.rep_id = talks.rep_id

order by facts.team, facts.rep_id
