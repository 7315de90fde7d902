{#
    How often a stage's visitors win, as it was known when a month began. Shrunk by a beta prior worth
    min_n cases whose mean is the desk's default probability; without any case nothing is known.
#}
{%- set min_n = var('min_n') -%}
with

counts as (

    select * from {{ ref('int_case_counts') }}

    where age_multiple = 0

),

stages as (

    select * from {{ ref('stages') }}

),

summed as (

    select
        stage_id,
        sum(resolved_count) as resolved_count,
        sum(won_count) as won_count,
        month_start_date

    from counts

    group by stage_id, month_start_date

),

rated as (

    select
        summed.*,
        cast(stages.default_probability as double) as default_rate

    from summed

    inner join stages
        on summed.stage_id = stages.stage_id

)

select
    stage_id,
    cast(resolved_count as integer) as resolved_count,
    cast(won_count as integer) as won_count,
    case
        when resolved_count = 0 then cast(null as double)
        when default_rate is not null
            then (won_count + {{ min_n }} * default_rate) / (resolved_count + {{ min_n }})
        when resolved_count >= {{ min_n }} then {{ safe_divide('won_count', 'resolved_count') }}
    end as stage_rate,
    month_start_date

from rated
