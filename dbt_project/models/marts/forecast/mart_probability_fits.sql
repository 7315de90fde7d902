{# Whatever the chances of a past day are multiplied from, in one table: pipeline_as_of(day) reads it. #}
with

fits as (

    select
        'stage_rate' as factor,
        stage_id,
        cast(null as varchar) as rep_id,
        cast(null as integer) as horizon_days,
        resolved_count as case_count,
        cast(null as double) as age_days,
        stage_rate as factor_value,
        month_start_date as fitted_before_date

    from {{ ref('int_stage_fits') }}

    where stage_rate is not null

    union all

    select
        'overstay_factor' as factor,
        stage_id,
        cast(null as varchar) as rep_id,
        cast(null as integer) as horizon_days,
        still_count as case_count,
        age_days,
        overstay_factor as factor_value,
        month_start_date as fitted_before_date

    from {{ ref('int_overstay_fits') }}

    union all

    select
        'rep_factor' as factor,
        cast(null as varchar) as stage_id,
        rep_id,
        cast(null as integer) as horizon_days,
        resolved_count as case_count,
        cast(null as double) as age_days,
        rep_factor as factor_value,
        month_start_date as fitted_before_date

    from {{ ref('int_rep_fits') }}

    union all

    select
        'timing_factor' as factor,
        stage_id,
        cast(null as varchar) as rep_id,
        horizon_days,
        won_count as case_count,
        cast(null as double) as age_days,
        timing_factor as factor_value,
        month_start_date as fitted_before_date

    from {{ ref('int_timing_fits') }}

)

select
    factor
    || '-' || coalesce(stage_id, rep_id)
    || coalesce('-' || cast(horizon_days as varchar), '-' || cast(age_days as varchar), '')
    || '-' || cast(fitted_before_date as varchar) as fit_id,
    factor,
    stage_id,
    rep_id,
    horizon_days,
    case_count,
    cast(age_days as double) as age_days,
    factor_value,
    fitted_before_date

from fits

order by fitted_before_date, factor, stage_id, rep_id, horizon_days, age_days
