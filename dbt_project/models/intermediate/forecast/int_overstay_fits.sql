{#
    What a deal keeps of its chance at an age, as known when a month began. Shrunk like mart_overstay_factors:
    ((won + min_n x p) / (cases + min_n)) / p with p the stage's own share, so 1 without any case.
#}
{%- set min_n = var('min_n') -%}
with

summed as (

    select
        stage_id,
        age_multiple,
        age_days,
        sum(resolved_count) as resolved_count,
        sum(won_count) as won_count,
        month_start_date

    from {{ ref('int_case_counts') }}

    group by stage_id, age_multiple, age_days, month_start_date

),

compared as (

    select
        still.*,
        {{ safe_divide('entered.won_count', 'entered.resolved_count') }} as entered_share

    from summed as still

    inner join summed as entered
        on
            still.stage_id = entered.stage_id
            and still.month_start_date = entered.month_start_date

    where entered.age_multiple = 0 and still.age_multiple > 0

)

select
    stage_id,
    age_multiple,
    age_days,
    cast(resolved_count as integer) as still_count,
    cast(won_count as integer) as still_won_count,
    coalesce(
        (won_count + {{ min_n }} * entered_share) / (resolved_count + {{ min_n }}) / nullif(entered_share, 0), 1
    ) as overstay_factor,
    month_start_date

from compared
