with

deals as (

    select
        *,
        floor(days_in_stage) as whole_days

    from {{ ref('mart_open_deals') }}

),

bucketed as (

    select
        *,
        case
            when whole_days <= 7 then '0-7'
            when whole_days <= 14 then '8-14'
            when whole_days <= 30 then '15-30'
            when whole_days <= 60 then '31-60'
            when whole_days <= 90 then '61-90'
            else '90+'
        end as age_bucket,
        case
            when whole_days <= 7 then 1
            when whole_days <= 14 then 2
            when whole_days <= 30 then 3
            when whole_days <= 60 then 4
            when whole_days <= 90 then 5
            else 6
        end as bucket_no

    from deals

)

select
    rep_id,
    stage_id,
    age_bucket,
    team,
    stage_position,
    bucket_no,
    count(*) as deal_count,
    count(case when is_unvalued then 1 end) as unvalued_count,
    cast(coalesce(sum(amount), 0) as decimal(18, 2)) as amount

from bucketed

group by rep_id, stage_id, age_bucket, team, stage_position, bucket_no

order by rep_id, stage_position, bucket_no
