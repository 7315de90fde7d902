{# Where a rep's last 90 days went. #}
with

efforts as (

    select
        rep_id,
        sum(minutes) as minutes,
        sum(administrative_minutes) as administrative_minutes,
        sum(meetings_held_count) as meetings_held_count,
        sum(no_show_count) as no_show_count

    from {{ ref('int_rep_days') }}

    where date_day <= {{ as_of_date() }} and date_day > {{ add_days(as_of_date(), -90) }}

    group by rep_id

)

select * from efforts
