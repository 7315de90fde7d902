{%- set levels = {'rep': 'rep_id', 'team': 'team'} -%}
with

prospects as (

    select * from {{ ref('int_prospects_dated') }}

),

periods as (

    {%- for grain, months in {'month': 1, 'quarter': 3}.items() %}
    {%- set running = "date_trunc('" ~ grain ~ "', " ~ as_of_date() ~ ")" %}
    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start_date as period_start_date,
        date_day

    from {{ ref('dim_dates') }}

    where
        {{ grain }}_start_date >= cast({{ running }} as date)
        and {{ grain }}_start_date < cast({{ running }} + interval {{ 4 * months }} month as date)
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

due as (

    select
        prospects.*,
        periods.period_grain,
        periods.period_start_date

    from prospects

    inner join periods
        on prospects.due_date = periods.date_day

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
