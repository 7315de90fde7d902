with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

)

select
    account_id,
    rep_id as rep_id_current,
    account_name,
    segment_id,
    industry,
    territory,
    region,
    country,
    custom_fields,
    employees,
    {{ local_date('created_at') }} as created_date

from accounts

order by account_id
