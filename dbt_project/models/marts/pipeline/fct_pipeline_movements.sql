{#
    A day's change of a deal is told as steps, each of which leaves one cell (rep and team x close month x
    segment) and may enter another: the amount changes where the deal was, then it changes hands, then it
    leaves, or changes its period, then its segment; what comes back enters where it was and changes hands
    after that. So every cell balances, and with it every sum over cells, without a plug. What is deleted or
    merged, or restored from it, changes no hands: that reason comes first.
#}
{%- set gone = "('deleted', 'merged')" -%}
{%- set moved = "(rep_id <> previous_rep_id or team <> previous_team)" -%}
{%- set stayed = "was_in and is_in" -%}
with

changes as (

    select
        *,
        was_in and state not in {{ gone }} and {{ moved }} as is_handed_over,
        is_in and not was_in and previous_state not in {{ gone }} and {{ moved }} as is_taken_over

    from {{ ref('int_day_state_changes') }}

),

steps as (

    {{ movement_step('entered', when='is_in and not was_in and not coalesce(is_taken_over, false)',
        amount='amount', count=1, hands='', close='', segment='segment_id',
        bucket="case when previous_state in " ~ gone ~ " then 'restored'
            when previous_state in ('won', 'lost') then 'reopened'
            when previous_state = 'dormant' then 'reactivated' else 'new' end") }}

    union all

    {{ movement_step('came_back_to_others', when='is_taken_over', amount='amount', count=1,
        hands='previous_', close='', segment='segment_id',
        bucket="case when previous_state = 'dormant' then 'reactivated' else 'reopened' end") }}

    union all

    {{ movement_step('changed', when='was_in', amount='amount_at_previous_rate - previous_amount', count=0,
        hands='previous_', close='previous_', segment='previous_segment_id',
        bucket="case when amount_at_previous_rate > previous_amount then 'increased' else 'decreased' end") }}

    union all

    {{ movement_step('revalued', when='was_in', amount='amount - amount_at_previous_rate', count=0,
        hands='previous_', close='previous_', segment='previous_segment_id', bucket="'fx'") }}

    union all

    {%- for back, prefix in {'is_handed_over': 'previous_', 'is_taken_over': ''}.items() %}

    {{ movement_step('given by ' ~ back, when=back, amount='-amount', count=-1, hands='previous_',
        close=prefix, segment=prefix ~ 'segment_id', bucket="'transferred_out'") }}

    union all

    {{ movement_step('taken by ' ~ back, when=back, amount='amount', count=1, hands='',
        close=prefix, segment=prefix ~ 'segment_id', bucket="'transferred_in'") }}

    union all
    {%- endfor %}

    {{ movement_step('gone', when="was_in and state in " ~ gone, amount='-amount', count=-1, hands='previous_',
        close='previous_', segment='previous_segment_id', bucket='state') }}

    union all

    {{ movement_step('closed', when="was_in and not is_in and state not in " ~ gone, amount='-amount', count=-1,
        hands='', close='previous_', segment='previous_segment_id', bucket='state') }}

    union all

    {{ movement_step('left_period', when=stayed ~ ' and close_month_date <> previous_close_month_date',
        amount='-amount', count=-1, hands='', close='previous_', segment='previous_segment_id',
        bucket="case when close_month_date > previous_close_month_date then 'pushed_out' else 'pulled_out' end") }}

    union all

    {{ movement_step('entered_period', when=stayed ~ ' and close_month_date <> previous_close_month_date',
        amount='amount', count=1, hands='', close='', segment='previous_segment_id',
        bucket="case when close_month_date > previous_close_month_date then 'pushed_in' else 'pulled_in' end") }}

    union all

    {{ movement_step('left_segment', when=stayed ~ ' and segment_id <> previous_segment_id',
        amount='-amount', count=-1, hands='', close='', segment='previous_segment_id',
        bucket="'resegmented_out'") }}

    union all

    {{ movement_step('entered_segment', when=stayed ~ ' and segment_id <> previous_segment_id',
        amount='amount', count=1, hands='', close='', segment='segment_id',
        bucket="'resegmented_in'") }}

)

select
    opportunity_id,
    bucket,
    rep_id,
    nullif(team, '') as team,
    nullif(segment_id, '') as segment_id,
    origin,
    cast(deal_count as integer) as deal_count,
    cast(amount as decimal(18, 2)) as amount,
    nullif(close_month_date, date '9999-12-01') as close_month_date,
    nullif(close_quarter_date, date '9999-12-01') as close_quarter_date,
    movement_date

from steps

where deal_count <> 0 or amount <> 0

order by movement_date, opportunity_id, bucket
