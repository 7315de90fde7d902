with

replayed as (

    select * from {{ ref('int_schemes_replayed') }}

)

select
    scheme_id,
    period_grain,
    target_factor,
    count(*) as case_count,
    count(case when is_attained then 1 end) as attaining_count,
    {{ safe_divide('count(case when is_attained then 1 end)', 'count(*)') }} as attaining_share,
    {{ safe_divide(exact_sum('payout'), 'count(*)') }} as mean_payout

from replayed

group by scheme_id, period_grain, target_factor

order by scheme_id, period_grain, target_factor
