{#
    Coverage of the running period and the next three on one row. Next year's targets come late: until they do, the
    running period's stands in.
#}
with

coverage as (

    select
        *,
        row_number() over by_period as period_no,
        coalesce(
            coverage,
            case when target is null then {{ safe_divide('open_amount', 'first_value(target) over by_period') }} end
        ) as known_coverage,
        target is null and first_value(target) over by_period is not null as is_assumed

    from {{ ref('mart_coverage') }}

    window by_period as (partition by period_grain, level, member order by period_start_date)

),

ahead as (

    select
        period_grain,
        level,
        member,
        min(period_start_date) as period_start_date,
        max(required_coverage) as required_coverage,
        {%- for step in range(1, 4) %}
        max(case when period_no = {{ step + 1 }} then known_coverage end) as coverage_next_{{ step }},
        {%- endfor %}
        max(case
            when period_no = 2 and (is_attained or known_coverage >= required_coverage) then 1
            when period_no = 2 and known_coverage < required_coverage then 0
        end) = 1 as is_covered,
        coalesce(max(case when period_no = 2 and is_assumed then 1 end) = 1, false) as is_target_assumed

    from coverage

    group by period_grain, level, member

)

select * from ahead
