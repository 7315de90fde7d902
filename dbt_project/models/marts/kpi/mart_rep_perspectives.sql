{%- set levels = {'rep': 'rep_id', 'team': 'team'} -%}
with

ahead as (

    select * from {{ ref('int_coverage_ahead') }}

),

objectives as (

    select *

    from {{ ref('fct_objectives') }}

    where measure = 'revenue' and period_grain <> 'fiscal_year'

),

members as (

    {{ by_level('objectives', levels) }}

),

results as (

    select
        period_grain,
        level,
        member,
        cast(sum(target_to_date) as decimal(18, 4)) as target_to_date,
        cast(sum(reached) as decimal(18, 4)) as reached,
        period_start_date

    from members

    group by period_grain, level, member, period_start_date

),

created as (

    select
        running_periods.period_grain,
        memberships.level,
        memberships.member,
        cast(sum(rep_days.created_amount) as decimal(18, 4)) as created_amount

    from {{ ref('int_rep_days') }} as rep_days

    inner join {{ ref('int_fiscal_periods_dated') }} as running_periods
        on
            rep_days.date_day >= running_periods.period_start_date
            and rep_days.date_day <= {{ as_of_date() }}
            and {{ as_of_date() }} >= running_periods.period_start_date
            and {{ as_of_date() }} <= running_periods.period_end_date

    inner join {{ ref('int_rep_memberships') }} as memberships
        on
            rep_days.rep_id = memberships.rep_id
            and rep_days.date_day >= memberships.from_date
            and rep_days.date_day < memberships.until_date

    group by running_periods.period_grain, memberships.level, memberships.member

),

judged as (

    select
        ahead.*,
        results.target_to_date,
        results.reached,
        {{ safe_divide('results.reached', 'results.target_to_date') }} as attainment,
        coalesce(created.created_amount, 0) as created_amount,
        results.target_to_date * ahead.required_coverage as required_created_amount

    from ahead

    left outer join results
        on
            ahead.period_grain = results.period_grain
            and ahead.level = results.level
            and ahead.member = results.member
            and ahead.period_start_date = results.period_start_date

    left outer join created
        on
            ahead.period_grain = created.period_grain
            and ahead.level = created.level
            and ahead.member = created.member

)

select
    period_grain,
    level,
    member,
    case
        when attainment is null or is_covered is null then null
        when attainment >= 1 and is_covered then 'attained_and_full'
        when attainment >= 1 then 'attained_but_dry'
        when is_covered then 'behind_but_full'
        else 'behind_and_dry'
    end as quadrant,
    target_to_date,
    reached,
    attainment,
    coverage_next_1,
    coverage_next_2,
    coverage_next_3,
    required_coverage,
    created_amount,
    required_created_amount,
    {{ safe_divide('created_amount', 'required_created_amount') }} as creation,
    is_target_assumed,
    period_start_date

from judged

order by period_grain, level, member
