{# Of several forecasts handed in on one day the last one counts. #}
with

submissions as (

    select
        rep_id,
        amount,
        month_start_date,
        {{ local_date('submitted_at') }} as from_date

    from {{ ref('int_forecast_submissions_conformed') }}

    qualify row_number() over (
        partition by rep_id, month_start_date, {{ local_date('submitted_at') }}
        order by submitted_at desc, submission_id desc
    ) = 1

)

select
    rep_id,
    amount,
    month_start_date,
    from_date,
    lead(from_date) over (partition by rep_id, month_start_date order by from_date) as until_date

from submissions
