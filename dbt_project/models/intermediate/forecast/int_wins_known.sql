{#
    The wins as they are known today, and for each day on which that was not known yet the difference: what is known
    today taken away, what was known then added, valid for that day alone.
#}
with

wins as (

    select * from {{ ref('int_wins_dated') }}

),

late_days as (

    select * from {{ ref('int_late_days') }}

),

deals_known as (

    select * from {{ ref('int_deals_known') }}

)

select
    coalesce(rep_id, 'unassigned') as rep_id,
    amount,
    is_reconstructed,
    won_date,
    valid_from_date,
    valid_to_date

from wins

union all

select
    coalesce(wins.rep_id, 'unassigned') as rep_id,
    -wins.amount as amount,
    wins.is_reconstructed,
    wins.won_date,
    late_days.stated_date as valid_from_date,
    {{ add_days('late_days.stated_date', 1) }} as valid_to_date

from wins

inner join late_days
    on
        wins.opportunity_id = late_days.opportunity_id
        and wins.valid_from_date <= late_days.stated_date
        and coalesce(wins.valid_to_date > late_days.stated_date, true)

union all

select
    rep_id,
    amount,
    is_win_reconstructed as is_reconstructed,
    stage_entered_date as won_date,
    stated_date as valid_from_date,
    {{ add_days('stated_date', 1) }} as valid_to_date

from deals_known

where state = 'won'
