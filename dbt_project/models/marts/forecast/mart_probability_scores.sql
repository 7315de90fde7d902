{#
    Murphy's 1973 parts of the Brier score, with the two terms that are left when a bin holds several
    probabilities (Stephenson, Coelho & Jolliffe 2008), and the correction of Ferro & Fricker 2012 for
    what small bins feign.
#}
with

sums as (

    select * from {{ ref('int_probability_sums') }}

),

totals as (

    select
        level,
        member,
        method,
        outcome,
        horizon_days,
        is_reconstructed,
        sum(case_count) as case_count,
        sum(won_count) as won_count,
        sum(unresolved_count) as unresolved_count,
        sum(stated_case_count) as stated_case_count,
        cast({{ exact_sum('probability_sum') }} as double) as probability_sum,
        cast({{ exact_sum('square_error_sum') }} as double) as square_error_sum,
        cast({{ exact_sum('stated_square_error_sum') }} as double) as stated_square_error_sum,
        cast({{ exact_sum('log_loss_sum') }} as double) as log_loss_sum,
        cast({{ exact_sum('stated_value') }} as double) as stated_value,
        cast({{ exact_sum('won_value') }} as double) as won_value

    from sums

    group by level, member, method, outcome, horizon_days, is_reconstructed

),

bins as (

    select
        sums.*,
        cast(totals.won_count as double) / totals.case_count as base_rate,
        sums.probability_sum / sums.case_count as mean_stated,
        cast(sums.won_count as double) / sums.case_count as observed

    from sums

    inner join totals
        on
            sums.level = totals.level
            and sums.member = totals.member
            and sums.method = totals.method
            and sums.outcome = totals.outcome
            and sums.horizon_days = totals.horizon_days
            and sums.is_reconstructed = totals.is_reconstructed

    where sums.case_count > 0

),

parts as (

    select
        level,
        member,
        method,
        outcome,
        horizon_days,
        is_reconstructed,
        {{ exact_sum('case_count * (mean_stated - observed) * (mean_stated - observed)') }} as reliability_sum,
        {{ exact_sum('case_count * (observed - base_rate) * (observed - base_rate)') }} as resolution_sum,
        {{ exact_sum('probability_square_sum - case_count * mean_stated * mean_stated'
            ~ ' - 2 * (probability_won_sum - case_count * mean_stated * observed)') }} as within_bin_sum,
        {{ exact_sum('case_count * observed * (1 - observed) / nullif(case_count - 1, 0)') }} as feigned_sum,
        {{ exact_sum('case_count * abs(mean_stated - observed)') }} as calibration_error_sum

    from bins

    group by level, member, method, outcome, horizon_days, is_reconstructed

),

scored as (

    select
        totals.*,
        cast(totals.won_count as double) / totals.case_count as base_rate,
        cast(parts.reliability_sum as double) / totals.case_count as reliability,
        cast(parts.resolution_sum as double) / totals.case_count as resolution,
        cast(parts.within_bin_sum as double) / totals.case_count as within_bin,
        cast(coalesce(parts.feigned_sum, 0) as double) / totals.case_count as feigned,
        cast(parts.calibration_error_sum as double) / totals.case_count as calibration_error

    from totals

    inner join parts
        on
            totals.level = parts.level
            and totals.member = parts.member
            and totals.method = parts.method
            and totals.outcome = parts.outcome
            and totals.horizon_days = parts.horizon_days
            and totals.is_reconstructed = parts.is_reconstructed

)

select
    level,
    member,
    method,
    outcome,
    horizon_days,
    cast(case_count as integer) as case_count,
    cast(won_count as integer) as won_count,
    cast(unresolved_count as integer) as unresolved_count,
    {{ safe_divide('unresolved_count', 'unresolved_count + case_count') }} as unresolved_share,
    base_rate,
    probability_sum / case_count as mean_stated,
    square_error_sum / case_count as brier,
    reliability,
    resolution,
    base_rate * (1 - base_rate) as uncertainty,
    within_bin,
    reliability - feigned as reliability_corrected,
    resolution - feigned + base_rate * (1 - base_rate) / nullif(case_count - 1, 0) as resolution_corrected,
    base_rate * (1 - base_rate) * case_count / nullif(case_count - 1, 0) as uncertainty_corrected,
    log_loss_sum / case_count as log_loss,
    calibration_error,
    case when stated_case_count = case_count then stated_square_error_sum / case_count end as stated_brier,
    cast(stated_value as decimal(18, 2)) as stated_value,
    cast(won_value as decimal(18, 2)) as won_value,
    {{ safe_divide('stated_value', 'won_value') }} as value_ratio,
    is_reconstructed

from scored

order by level, member, method, outcome, horizon_days, is_reconstructed
