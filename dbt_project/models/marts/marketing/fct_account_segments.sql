with

account_segments as (

    select * from {{ ref('int_account_segments_dated') }}

)

select
    account_id,
    segment_id,
    until_date = date '9999-12-31' as is_current,
    from_date,
    until_date

from account_segments

order by account_id, from_date
