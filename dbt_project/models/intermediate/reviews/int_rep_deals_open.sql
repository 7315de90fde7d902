{# A rep's open deals, and those of them that need a word. #}
with

open_deals as (

    select
        rep_id,
        count(*) as open_count,
        sum(amount) as open_amount,
        sum(case when is_overstay then 1 else 0 end) as overstay_count,
        sum(case when is_slipped then 1 else 0 end) as slipped_count,
        sum(push_count) as push_count

    from {{ ref('mart_open_deals') }}

    group by rep_id

)

select * from open_deals
