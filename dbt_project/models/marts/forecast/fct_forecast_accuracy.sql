{#
    Teams' and the company's submissions are the sum of what was handed in, so they are held against what
    those reps won, whoever was silent.
#}
with

statements as (

    select * from {{ ref('fct_forecast_statements') }}

),

member_statements as (

    select * from {{ ref('int_member_statements') }}

),

outcomes as (

    select
        statements.*,
        member_statements.is_period_over,
        member_statements.unresolved_count,
        case
            when not member_statements.is_period_over then cast(null as decimal(18, 2))
            when statements.method = 'submission' then member_statements.spoken_won_amount
            else member_statements.won_amount
        end as actual_amount,
        case
            when not member_statements.is_period_over then cast(null as decimal(18, 2))
            when statements.method = 'submission' then member_statements.spoken_restated_amount
            else member_statements.restated_amount
        end as restated_amount

    from statements

    inner join member_statements
        on
            statements.level = member_statements.level
            and statements.member = member_statements.member
            and statements.period_grain = member_statements.period_grain
            and statements.period_start_date = member_statements.period_start_date
            and statements.stated_date = member_statements.stated_date
            and statements.is_reconstructed = member_statements.is_reconstructed

)

select
    level,
    member,
    method,
    period_grain,
    horizon_days,
    deal_count,
    unresolved_count,
    stated_amount,
    won_before_amount,
    naive_amount,
    actual_amount,
    cast(stated_amount - actual_amount as decimal(18, 2)) as error_amount,
    cast(abs(stated_amount - actual_amount) as decimal(18, 2)) as absolute_error_amount,
    restated_amount,
    cast(stated_amount - restated_amount as decimal(18, 2)) as restated_error_amount,
    is_horizon,
    is_week_end,
    is_period_over,
    is_reconstructed,
    period_start_date,
    period_end_date,
    stated_date

from outcomes

order by period_start_date, period_grain, stated_date, level, member, method, is_reconstructed
