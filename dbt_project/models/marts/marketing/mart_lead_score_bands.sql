{#
    Was the score right? Leads routed so long ago that they could convert, by their score when they were routed; beside
    each band what its lower end would be worth as the threshold.
#}
with

scores as (

    select
        *,
        cast(floor(score / 10) * 10 as integer) as band_from

    from {{ ref('fct_lead_scores') }}

    where is_frozen and score is not null and {{ elapsed_days('scored_at', as_of_at()) }} >= 90

),

bands as (

    select
        rule_version,
        band_from,
        max(threshold) as threshold,
        count(*) as lead_count,
        count(case when is_converted then 1 end) as converted_count,
        count(case when is_won then 1 end) as won_count,
        {{ exact_sum('hours_to_route') }} as hours_to_route

    from scores

    group by rule_version, band_from

),

at_thresholds as (

    select
        *,
        sum(lead_count) over at_or_above as above_count,
        sum(converted_count) over at_or_above as above_converted_count,
        sum(converted_count) over (partition by rule_version) as all_converted_count

    from bands

    window at_or_above as (
        partition by rule_version
        order by band_from desc
        rows between unbounded preceding and current row
    )

),

-- The threshold itself may lie within a band.
over_threshold as (

    select
        rule_version,
        count(*) as over_count,
        count(case when is_converted then 1 end) as over_converted_count

    from scores

    where is_over_threshold

    group by rule_version

)

select
    at_thresholds.rule_version,
    at_thresholds.band_from,
    at_thresholds.threshold,
    at_thresholds.lead_count,
    at_thresholds.converted_count,
    at_thresholds.won_count,
    {{ judged_rate('at_thresholds.converted_count', 'at_thresholds.lead_count') }} as conversion_rate,
    cast(at_thresholds.above_count as bigint) as above_count,
    cast(at_thresholds.above_converted_count as bigint) as above_converted_count,
    {{ judged_rate('at_thresholds.above_converted_count', 'at_thresholds.above_count') }} as precision_from_here,
    {{ safe_divide('at_thresholds.above_converted_count', 'at_thresholds.all_converted_count') }} as recall_from_here,
    coalesce(over_threshold.over_count, 0) as over_threshold_count,
    coalesce(over_threshold.over_converted_count, 0) as over_threshold_converted_count,
    {{ judged_rate('over_threshold.over_converted_count', 'over_threshold.over_count') }} as threshold_precision,
    {{ wilson_low('over_threshold.over_converted_count', 'over_threshold.over_count') }} as threshold_precision_low,
    {{ wilson_high('over_threshold.over_converted_count', 'over_threshold.over_count') }} as threshold_precision_high,
    {{ safe_divide('at_thresholds.hours_to_route', 'at_thresholds.lead_count') }} as average_hours_to_route

from at_thresholds

left outer join over_threshold
    on at_thresholds.rule_version = over_threshold.rule_version

order by at_thresholds.rule_version, at_thresholds.band_from
