{%- set low, high = var('attaining_share_low'), var('attaining_share_high') -%}
with

replayed as (

    select *

    from {{ ref('int_schemes_replayed') }}

    where target_factor = 1

),

today as (

    select *

    from replayed

    where scheme_id = 'current'

),

compared as (

    select
        replayed.*,
        today.payout as payout_today,
        today.is_attained as is_attained_today,
        row_number() over (
            partition by replayed.scheme_id, replayed.period_grain
            order by replayed.payout, replayed.rep_id, replayed.period_start_date
        ) as position,
        count(*) over (partition by replayed.scheme_id, replayed.period_grain) as position_count

    from replayed

    left outer join today
        on
            replayed.rep_id = today.rep_id
            and replayed.period_grain = today.period_grain
            and replayed.period_start_date = today.period_start_date

),

summed as (

    select
        scheme_id,
        period_grain,
        count(distinct period_start_date) as period_count,
        count(distinct rep_id) as rep_count,
        count(*) as case_count,
        count(case when is_attained then 1 end) as attaining_count,
        count(case when payout = 0 then 1 end) as nothing_count,
        {{ safe_divide(exact_sum('payout'), 'count(*)') }} as mean_payout,
        {%- for percent in [10, 25, 50, 75, 90] %}
        min(case when 100 * position >= {{ percent }} * position_count then payout end) as p{{ percent }}_payout,
        {%- endfor %}
        {{ safe_divide(exact_sum('payout - payout_today'), 'count(payout_today)') }} as mean_deviation,
        count(case when is_attained and not is_attained_today then 1 end) as newly_attaining_count,
        count(case when not is_attained and is_attained_today then 1 end) as no_longer_attaining_count

    from compared

    group by scheme_id, period_grain

),

-- The highest targets with which the share lies in the band; failing that, the highest with which it lies above.
best as (

    select
        scheme_id,
        period_grain,
        target_factor,
        attaining_share

    from {{ ref('mart_scheme_sensitivities') }}

    where attaining_share >= {{ low }}

    qualify row_number() over (
        partition by scheme_id, period_grain
        order by case when attaining_share <= {{ high }} then 0 else 1 end asc, target_factor desc
    ) = 1

)

select
    summed.scheme_id,
    summed.period_grain,
    case
        when summed.attaining_count < {{ low }} * summed.case_count then 'too_few'
        when summed.attaining_count > {{ high }} * summed.case_count then 'too_many'
        else 'as_intended'
    end as verdict,
    summed.period_count,
    summed.rep_count,
    summed.case_count,
    summed.attaining_count,
    {{ safe_divide('summed.attaining_count', 'summed.case_count') }} as attaining_share,
    {{ wilson_low('summed.attaining_count', 'summed.case_count') }} as attaining_share_low,
    {{ wilson_high('summed.attaining_count', 'summed.case_count') }} as attaining_share_high,
    summed.nothing_count,
    summed.mean_payout,
    {%- for percent in [10, 25, 50, 75, 90] %}
    summed.p{{ percent }}_payout,
    {%- endfor %}
    summed.mean_deviation,
    summed.newly_attaining_count,
    summed.no_longer_attaining_count,
    best.target_factor as advised_factor,
    best.attaining_share as advised_share

from summed

left outer join best
    on summed.scheme_id = best.scheme_id and summed.period_grain = best.period_grain

order by summed.scheme_id, summed.period_grain
