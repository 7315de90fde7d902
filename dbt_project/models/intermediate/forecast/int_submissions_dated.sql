{#
    A rep's last word for a month, by the day from which it was known. Of several the one handed in last counts: one that
    was delivered after it changes nothing. Handed in is handed in, even where the source no longer holds it.
#}
with

loads as (

    select *

    from {{ ref('int_forecast_submissions_conformed') }}

    where not is_vanished

),

begun as (

    select
        source_name,
        min(known_at) as first_delivered_at

    from loads

    group by source_name

),

told as (

    select
        loads.*,
        {{ told_at('loads.known_at', 'loads.submitted_at') }} as told_at

    from loads

    inner join begun
        on loads.source_name = begun.source_name

),

heard as (

    select
        *,
        {{ local_date('greatest(told_at, submitted_at)') }} as from_date

    from told

    qualify submitted_at >= coalesce(max(submitted_at) over (
        partition by rep_id, month_start_date
        order by told_at, submitted_at, load_no, submission_id
        rows between unbounded preceding and 1 preceding
    ), submitted_at)

),

daily as (

    select *

    from heard

    qualify row_number() over (
        partition by rep_id, month_start_date, from_date
        order by submitted_at desc, told_at desc, load_no desc, submission_id desc
    ) = 1

)

select
    rep_id,
    amount,
    month_start_date,
    from_date,
    lead(from_date) over (partition by rep_id, month_start_date order by from_date) as until_date

from daily
