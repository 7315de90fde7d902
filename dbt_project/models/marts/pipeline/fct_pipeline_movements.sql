{#
    A day's change of a deal is told as steps, each of which leaves one cell (rep x close month x segment)
    and may enter another: the amount changes where the deal was, then it changes hands, then its period,
    then its segment; entering and leaving the pipeline are steps by themselves. So every cell balances, and with
    it every sum over cells, without a plug.
#}
with

changes as (

    select * from {{ ref('int_day_state_changes') }}

),

steps as (

    {{ movement_step('entered', when='is_in and not was_in', amount='amount', count=1,
        rep='rep_id', close_month='close_month_date', segment='segment_id',
        bucket="case when previous_state in ('deleted', 'merged') then 'restored'
            when previous_state in ('won', 'lost') then 'reopened' else 'new' end") }}

    union all

    {{ movement_step('changed', when='was_in', amount='amount_at_previous_rate - previous_amount', count=0,
        rep='previous_rep_id', close_month='previous_close_month_date', segment='previous_segment_id',
        bucket="case when amount_at_previous_rate > previous_amount then 'increased' else 'decreased' end") }}

    union all

    {{ movement_step('revalued', when='was_in', amount='amount - amount_at_previous_rate', count=0,
        rep='previous_rep_id', close_month='previous_close_month_date', segment='previous_segment_id', bucket="'fx'") }}

    union all

    {{ movement_step('left', when='was_in and not is_in', amount='-amount', count=-1,
        rep='previous_rep_id', close_month='previous_close_month_date', segment='previous_segment_id', bucket='state') }}

    union all

    {{ movement_step('handed_over', when='was_in and is_in and rep_id <> previous_rep_id', amount='-amount', count=-1,
        rep='previous_rep_id', close_month='previous_close_month_date', segment='previous_segment_id', bucket="'transferred_out'") }}

    union all

    {{ movement_step('taken_over', when='was_in and is_in and rep_id <> previous_rep_id', amount='amount', count=1,
        rep='rep_id', close_month='previous_close_month_date', segment='previous_segment_id', bucket="'transferred_in'") }}

    union all

    {{ movement_step('left_period', when='was_in and is_in and close_month_date <> previous_close_month_date',
        amount='-amount', count=-1, rep='rep_id', close_month='previous_close_month_date', segment='previous_segment_id',
        bucket="case when close_month_date > previous_close_month_date then 'pushed_out' else 'pulled_out' end") }}

    union all

    {{ movement_step('entered_period', when='was_in and is_in and close_month_date <> previous_close_month_date',
        amount='amount', count=1, rep='rep_id', close_month='close_month_date', segment='previous_segment_id',
        bucket="case when close_month_date > previous_close_month_date then 'pushed_in' else 'pulled_in' end") }}

    union all

    {{ movement_step('left_segment', when='was_in and is_in and segment_id <> previous_segment_id',
        amount='-amount', count=-1, rep='rep_id', close_month='close_month_date', segment='previous_segment_id',
        bucket="'resegmented_out'") }}

    union all

    {{ movement_step('entered_segment', when='was_in and is_in and segment_id <> previous_segment_id',
        amount='amount', count=1, rep='rep_id', close_month='close_month_date', segment='segment_id',
        bucket="'resegmented_in'") }}

)

select
    opportunity_id,
    bucket,
    rep_id,
    nullif(segment_id, '') as segment_id,
    origin,
    cast(deal_count as integer) as deal_count,
    cast(amount as decimal(18, 2)) as amount,
    nullif(close_month_date, date '9999-12-01') as close_month_date,
    movement_date

from steps

where deal_count <> 0 or amount <> 0

order by movement_date, opportunity_id, bucket
