with

objectives as (

    select *

    from {{ ref('int_objectives_dated') }}

    where scheme_id = 'current'

),

-- Criteria without a target or without data are out, and the others share the whole weight.
scored as (

    select
        *,
        case
            when attainment is not null then {{ safe_divide(
                'stated_weight',
                'sum(case when attainment is not null then stated_weight end) over (partition by rep_id, period_grain, period_start_date)'
            ) }}
        end as weight,
        {{ criterion_score() }} as score

    from objectives

)

select
    rep_id,
    criterion,
    period_grain,
    team,
    kind,
    measure,
    target,
    target_to_date,
    cast(reached as decimal(18, 4)) as reached,
    cast(reached_of as decimal(18, 4)) as reached_of,
    attainment,
    collective_attainment,
    weight,
    score,
    attainment >= 1 as is_attained,
    collective_minimum is not null and coalesce(collective_attainment, 0) < collective_minimum as is_collective_missed,
    is_over,
    period_start_date

from scored

order by period_grain, period_start_date, rep_id, criterion
