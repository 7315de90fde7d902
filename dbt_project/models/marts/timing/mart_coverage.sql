{%- set levels = {'rep': 'rep_id', 'team': 'team'} -%}
with

prospects as (

    select * from {{ ref('int_prospects_dated') }}

),

periods as (

    select * from {{ ref('int_fiscal_periods_dated') }}

),

running_periods as (

    select *

    from periods

    where {{ as_of_date() }} >= period_start_date and {{ as_of_date() }} <= period_end_date

),

horizon as (

    select periods.*

    from periods

    inner join running_periods
        on
            periods.period_grain = running_periods.period_grain
            and periods.period_no >= running_periods.period_no
            and periods.period_no <= running_periods.period_no + 3

),

due as (

    select
        prospects.*,
        horizon.period_grain,
        horizon.period_start_date

    from prospects

    inner join horizon
        on
            prospects.due_date >= horizon.period_start_date
            and prospects.due_date <= horizon.period_end_date

),

members as (

    {{ by_level('due', levels) }}

),

summed as (

    select
        period_grain,
        level,
        member,
        cast(coalesce(sum(open_amount), 0) as decimal(18, 2)) as open_amount,
        cast(coalesce(sum(won_amount), 0) as decimal(18, 2)) as won_amount,
        cast(sum(target) as decimal(18, 2)) as target,
        count(case when is_unvalued then 1 end) as unvalued_count,
        period_start_date

    from members

    group by period_grain, level, member, period_start_date

),

qualified as (

    select
        count(*) as qualified_count,
        sum(case when state = 'won' then amount end) as won_amount,
        sum(amount) as amount

    from {{ ref('int_deals_qualified') }}

    where state in ('won', 'lost') and is_recent and amount is not null

)

select
    summed.period_grain,
    summed.level,
    summed.member,
    summed.open_amount,
    summed.won_amount,
    summed.target,
    summed.unvalued_count,
    case
        when summed.won_amount < summed.target
            then {{ safe_divide('summed.open_amount', '(summed.target - summed.won_amount)') }}
    end as coverage,
    case
        when qualified.qualified_count >= {{ var('min_n') }}
            then {{ safe_divide('qualified.amount', 'qualified.won_amount') }}
    end as required_coverage,
    summed.won_amount >= summed.target as is_attained,
    summed.period_start_date

from summed

cross join qualified

order by summed.period_grain, summed.period_start_date, summed.level, summed.member
