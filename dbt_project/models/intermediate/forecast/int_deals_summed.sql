with

deals_stated as (

    select * from {{ ref('int_deals_stated') }}

)

select
    rep_id,
    count(*) as deal_count,
    count(case when is_unresolved then 1 end) as unresolved_count,
    count(case when stage_rate is null then 1 end) as unrated_count,
    sum(amount) as open_amount,
    sum(weighted_amount) as weighted_amount,
    sum(rollup_amount) as rollup_amount,
    sum(stage_rate_amount) as stage_rate_amount,
    is_reconstructed,
    close_month_date,
    stated_date

from deals_stated

group by rep_id, is_reconstructed, close_month_date, stated_date
