{#
    What was cancelled or moved a day ahead is no appointment any more; at shorter notice it is counted apart,
    because the customer did say so. Of what became of the unknown ones nobody knows.
#}
{%- set levels = {
    'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'territory': 'territory', 'activity_type': 'activity_type',
} -%}
with

appointments as (

    select
        activities.*,
        accounts.territory,
        cast(date_trunc('month', activities.activity_date) as date) as month_start_date

    from {{ ref('fct_activities') }} as activities

    left outer join {{ ref('dim_accounts') }} as accounts
        on activities.account_id = accounts.account_id

    where activities.is_appointment and activities.activity_date <= {{ as_of_date() }}

),

member_appointments as (

    {{ by_level('appointments', levels) }}

),

counted as (

    select
        level,
        member,
        count(case when is_held then 1 end) as held_count,
        count(case when is_no_show then 1 end) as no_show_count,
        count(case when is_no_show and is_rebooked then 1 end) as rebooked_count,
        count(case when is_short_notice then 1 end) as short_notice_count,
        count(case when activity_status in ('moved', 'cancelled') and not is_short_notice then 1 end)
            as early_notice_count,
        count(case when activity_status not in ('held', 'no_show', 'moved', 'cancelled') then 1 end) as unknown_count,
        coalesce(sum(case when is_no_show then minutes end), 0) as waiting_minutes,
        coalesce(sum(no_show_cost), 0) as no_show_cost,
        count(case when is_no_show and no_show_cost is null then 1 end) as uncosted_count,
        month_start_date

    from member_appointments

    group by level, member, month_start_date

)

select
    level,
    member,
    held_count,
    no_show_count,
    rebooked_count,
    short_notice_count,
    early_notice_count,
    unknown_count,
    cast(waiting_minutes as bigint) as waiting_minutes,
    cast(no_show_cost as decimal(18, 4)) as no_show_cost,
    uncosted_count,
    {{ judged_rate('no_show_count', '(held_count + no_show_count)') }} as no_show_rate,
    {{ wilson_low('no_show_count', '(held_count + no_show_count)') }} as no_show_rate_low,
    {{ wilson_high('no_show_count', '(held_count + no_show_count)') }} as no_show_rate_high,
    {{ judged_rate('rebooked_count', 'no_show_count') }} as rebooked_share,
    month_start_date

from counted

order by level, member, month_start_date
