with

sums as (

    select * from {{ ref('int_probability_sums') }}

)

select
    level,
    member,
    method,
    outcome,
    horizon_days,
    bin_no,
    case_count,
    won_count,
    unresolved_count,
    {{ safe_divide('probability_sum', 'case_count') }} as mean_stated,
    {{ judged_rate('won_count', 'case_count') }} as observed,
    {{ wilson_low('won_count', 'case_count') }} as observed_low,
    {{ wilson_high('won_count', 'case_count') }} as observed_high,
    cast(stated_value as decimal(18, 2)) as stated_value,
    cast(won_value as decimal(18, 2)) as won_value,
    is_reconstructed

from sums

order by level, member, method, outcome, horizon_days, bin_no, is_reconstructed
