{#
    What each scheme would have paid out, by rep and period that is over, with its targets and with higher and lower
    ones. Criteria that cannot be judged are out, and the others share the whole weight.
#}
with

objectives as (

    select *

    from {{ ref('int_objectives_dated') }}

    where
        is_over
        and attainment is not null
        and stated_weight > 0
        and period_end_date > cast({{ as_of_date() }} - interval {{ var('simulated_months') }} month as date)

),

factors as (

    {%- for factor in var('simulated_factors') %}
    select cast({{ factor }} as decimal(9, 4)) as target_factor
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

scored as (

    select
        objectives.scheme_id,
        objectives.rep_id,
        objectives.period_grain,
        objectives.period_start_date,
        factors.target_factor,
        objectives.stated_weight,
        {{ criterion_score('factors.target_factor') }} as score

    from objectives

    cross join factors

)

select
    scheme_id,
    rep_id,
    period_grain,
    target_factor,
    {{ safe_divide(exact_sum('stated_weight * score'), exact_sum('stated_weight')) }} as payout,
    {{ is_whole(safe_divide(exact_sum('stated_weight * score'), exact_sum('stated_weight'))) }} as is_attained,
    period_start_date

from scored

group by scheme_id, rep_id, period_grain, target_factor, period_start_date
