{#
    Kaplan & Meier 1958, as in mart_close_date_slips: of the violations that have lasted so far, the share that is
    filled at each age; multiplied up, the share that lasts on. The median of those that were filled alone
    would praise a rule of which most are still empty.
#}
with

violations as (

    select * from {{ ref('fct_field_violations') }}

),

ages as (

    select
        rule_id,
        open_days,
        count(*) as violation_count,
        count(case when resolution = 'filled' then 1 end) as filled_count

    from violations

    group by rule_id, open_days

),

at_risk as (

    select
        *,
        sum(violation_count) over (
            partition by rule_id
            order by open_days desc
            rows between unbounded preceding and current row
        ) as risk_count

    from ages

),

lasting as (

    select
        *,
        case
            when filled_count = risk_count then 0
            else exp(sum(
                case
                    when filled_count < risk_count then ln(1 - cast(filled_count as double) / risk_count)
                    else 0
                end
            ) over (
                partition by rule_id
                order by open_days
                rows between unbounded preceding and current row
            ))
        end as lasting_share

    from at_risk

)

select
    rule_id,
    -- A product of shares meets 0.5 exactly only up to rounding.
    min(case when lasting_share <= 0.5 + 0.000000001 then open_days end) as median_days

from lasting

group by rule_id
