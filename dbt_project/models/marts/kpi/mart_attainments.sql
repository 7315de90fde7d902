with

objectives as (

    select *

    from {{ ref('fct_objectives') }}

    where attainment is not null

),

weighed as (

    select
        rep_id,
        period_grain,
        team,
        is_over,
        {{ exact_sum('weight * score') }} as attainment,
        count(*) as criterion_count,
        sum(case when is_attained then 1 else 0 end) as attained_count,
        period_start_date

    from objectives

    group by rep_id, period_grain, team, is_over, period_start_date

)

select
    rep_id,
    period_grain,
    team,
    cast(attainment as double) as attainment,
    cast(criterion_count as integer) as criterion_count,
    cast(attained_count as integer) as attained_count,
    {{ is_whole('attainment') }} as is_attained,
    is_over,
    period_start_date

from weighed

order by period_grain, period_start_date, rep_id
