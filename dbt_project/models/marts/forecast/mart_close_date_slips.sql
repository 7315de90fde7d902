{#
    Kaplan & Meier 1958: of those that have slipped so far, the share that closes at each number of days;
    multiplied up, the share that slips further. Lower bounds count as long as they are known to hold.
#}
{%- set levels = {'rep': 'rep_id', 'team': 'team', 'stage': 'stage_id'} -%}
{%- set group_columns = 'level, member, horizon_days' -%}
with

slips as (

    select *

    from {{ ref('fct_close_date_slips') }}

    where not is_reconstructed

),

members as (

    {{ by_level('slips', levels) }}

),

daily as (

    select
        {{ group_columns }},
        slip_days,
        count(*) as case_count,
        count(case when not is_censored then 1 end) as closed_count,
        count(case when push_count > 0 then 1 end) as pushed_count,
        sum(push_count) as push_count

    from members

    group by {{ group_columns }}, slip_days

),

at_risk as (

    select
        *,
        sum(case_count) over (
            partition by {{ group_columns }}
            order by slip_days desc
            rows between unbounded preceding and current row
        ) as risk_count

    from daily

),

survived as (

    select
        *,
        case
            when closed_count = risk_count then 0
            else exp(sum(
                case
                    when closed_count < risk_count then ln(1 - cast(closed_count as double) / risk_count)
                    else 0
                end
            ) over (
                partition by {{ group_columns }}
                order by slip_days
                rows between unbounded preceding and current row
            ))
        end as slipping_share

    from at_risk

)

select
    {{ group_columns }},
    cast(sum(case_count) as integer) as case_count,
    cast(sum(closed_count) as integer) as closed_count,
    cast(sum(case_count) - sum(closed_count) as integer) as censored_count,
    cast(sum(pushed_count) as integer) as pushed_count,
    cast(sum(push_count) as integer) as push_count,
    {{ safe_divide('sum(pushed_count)', 'sum(case_count)') }} as pushed_share,
    -- A product of shares meets 0.5 exactly only up to rounding.
    min(case when slipping_share <= 0.5 + 0.000000001 then slip_days end) as median_slip_days,
    min(case when slipping_share <= 0.2 + 0.000000001 then slip_days end) as p80_slip_days

from survived

group by {{ group_columns }}

order by {{ group_columns }}
