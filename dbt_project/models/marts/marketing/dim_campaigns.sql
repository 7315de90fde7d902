with

campaigns as (

    select * from {{ ref('int_campaigns_conformed') }}

)

select
    campaign_id,
    campaign_name,
    channel,
    target_segment_id,
    budget,
    start_date,
    end_date

from campaigns

order by campaign_id
