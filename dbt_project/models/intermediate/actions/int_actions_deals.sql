{#
    Open deals that stand too long where they are, and those whose close date has passed.
#}
with

open_deals as (

    select * from {{ ref('mart_open_deals') }}

),

stages as (

    select * from {{ ref('dim_stages') }}

)

select
    'overstaying_deal' as action_kind,
    open_deals.rep_id,
    open_deals.account_id,
    open_deals.opportunity_id,
    open_deals.opportunity_id as record_id,
    'In ' || coalesce(stages.stage_label, open_deals.stage_id) || ' since '
    || cast(open_deals.entered_stage_date as varchar) || ', where ' || cast(open_deals.expected_days as varchar)
    || ' days are allowed' as reason,
    open_deals.amount,
    {{ add_days('open_deals.entered_stage_date', 'open_deals.expected_days') }} as event_date

from open_deals

left outer join stages
    on open_deals.stage_id = stages.stage_id

where open_deals.is_overstay

union all

select
    'close_date_past' as action_kind,
    rep_id,
    account_id,
    opportunity_id,
    opportunity_id as record_id,
    'Was to close on ' || cast(expected_close_date as varchar)
    || case when push_count > 0 then ', put off ' || cast(push_count as varchar) || ' times before' else '' end
        as reason,
    amount,
    {{ add_days('expected_close_date', 1) }} as event_date

from open_deals

where is_slipped
