{#
    One row per opportunity and day on which its state at the day's end differs from the day before:
    what it was (previous_*) and what it is. The raw material of the waterfall.
#}
with

day_states as (

    select
        *,
        coalesce(amount, 0) as known_amount

    from {{ ref('fct_opportunity_day_states') }}

),

sequenced as (

    select
        *,
        lag(state) over so_far as previous_state,
        lag(rep_id) over so_far as previous_rep_id,
        lag(team) over so_far as previous_team,
        lag(segment_id) over so_far as previous_segment_id,
        lag(currency) over so_far as previous_currency,
        lag(known_amount) over so_far as previous_amount,
        lag(plan_rate) over so_far as previous_plan_rate,
        lag(close_month_date) over so_far as previous_close_month_date,
        lag(close_quarter_date) over so_far as previous_close_quarter_date

    from day_states

    window so_far as (partition by opportunity_id order by from_date)

)

select
    opportunity_id,
    coalesce(segment_id, '') as segment_id,
    coalesce(previous_segment_id, '') as previous_segment_id,
    origin,
    state,
    previous_state,
    rep_id,
    previous_rep_id,
    coalesce(team, '') as team,
    coalesce(previous_team, '') as previous_team,
    known_amount as amount,
    coalesce(previous_amount, 0) as previous_amount,
    -- Today's terms at yesterday's rate: what separates a changed deal from a changed rate. A value that appears
    -- or vanishes because a rate is not known is no change of the deal.
    case
        when previous_plan_rate is null then coalesce(previous_amount, 0)
        when currency = previous_currency
            then cast(coalesce(amount_doc, 0) * previous_plan_rate as decimal(18, 2))
        when plan_rate is null then coalesce(previous_amount, 0)
        else known_amount
    end as amount_at_previous_rate,
    state = 'open' as is_in,
    coalesce(previous_state = 'open', false) as was_in,
    coalesce(close_month_date, date '9999-12-01') as close_month_date,
    coalesce(previous_close_month_date, date '9999-12-01') as previous_close_month_date,
    coalesce(close_quarter_date, date '9999-12-01') as close_quarter_date,
    coalesce(previous_close_quarter_date, date '9999-12-01') as previous_close_quarter_date,
    from_date as movement_date

from sequenced
