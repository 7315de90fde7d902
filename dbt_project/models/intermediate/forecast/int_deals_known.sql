{# A deal at the end of a day on which not everything was told: its state and its value by what had been. #}
with

known as (

    select * from {{ ref('int_late_values') }}

),

witnesses as (

    select * from {{ ref('int_opportunities_witnessed') }}

),

stages as (

    select * from {{ ref('stages') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

stated as (

    select
        known.*,
        case
            when known.merged_into_id is not null then 'merged'
            when coalesce(known.is_deleted, false) then 'deleted'
            when stages.is_won then 'won'
            when not stages.is_closed and not coalesce(stages.is_dormant, false) then 'open'
        end as state,
        -- An open deal is valued at the rate of the day, a won one at that of the day of winning.
        case
            when stages.is_won then {{ local_date('known.stage_entered_at') }}
            else known.stated_date
        end as valued_date

    from known

    left outer join stages
        on known.stage_id = stages.stage_id

)

select
    stated.opportunity_id,
    coalesce(stated.rep_id, 'unassigned') as rep_id,
    stated.stage_id,
    stated.state,
    stated.forecast_category,
    {{ plan_amount('stated.amount_doc', 'stated.currency', 'plan_rates.rate', scale=2) }} as amount,
    stated.win_probability,
    not (witnesses.has_stage_log and witnesses.has_amount_log and witnesses.has_close_date_log)
    and stated.valid_from < witnesses.first_known_at as is_reconstructed,
    not (witnesses.has_stage_log and witnesses.has_amount_log)
    and stated.valid_from < witnesses.first_known_at as is_win_reconstructed,
    stated.expected_close_date,
    {{ local_date('stated.stage_entered_at') }} as stage_entered_date,
    stated.stated_date,
    stated.stage_entered_at

from stated

inner join witnesses
    on stated.opportunity_id = witnesses.opportunity_id

left outer join plan_rates
    on
        stated.currency = plan_rates.currency
        and {{ fiscal_year('stated.valued_date') }} = plan_rates.fiscal_year

where stated.state in ('open', 'won')
