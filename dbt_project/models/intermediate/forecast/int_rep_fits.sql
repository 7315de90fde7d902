{#
    How much more often a rep's deals win than the rates of their stages say, as known when a month began.
    Shrunk by min_n expected wins (a gamma prior around 1), so that a newcomer is told nothing.
#}
{%- set min_n = var('min_n') -%}
with

counts as (

    select *

    from {{ ref('int_case_counts') }}

    where age_multiple = 0

),

fits as (

    select * from {{ ref('int_stage_fits') }}

),

summed as (

    select
        counts.rep_id,
        sum(counts.resolved_count) as resolved_count,
        sum(counts.won_count) as won_count,
        cast({{ exact_sum('counts.resolved_count * fits.stage_rate') }} as double) as expected_count,
        counts.month_start_date

    from counts

    inner join fits
        on
            counts.stage_id = fits.stage_id
            and counts.month_start_date = fits.month_start_date

    where fits.stage_rate is not null

    group by counts.rep_id, counts.month_start_date

)

select
    rep_id,
    cast(resolved_count as integer) as resolved_count,
    cast(won_count as integer) as won_count,
    expected_count,
    (won_count + {{ min_n }}) / (expected_count + {{ min_n }}) as rep_factor,
    month_start_date

from summed
