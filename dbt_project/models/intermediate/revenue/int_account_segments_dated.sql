{#
    The account's segment as successive loads of accounts tell it, so that what is sold and spent on a day
    belongs to the segment of that day. Before the first load the first one's word is taken; an account that
    vanished stays in the last.
#}
with

accounts as (

    select
        account_id,
        segment_id,
        {{ local_date('known_at') }} as told_date,
        load_no

    from {{ ref('int_accounts_loaded') }}

    where not is_vanished

),

told as (

    select *

    from accounts

    qualify row_number() over (partition by account_id, told_date order by load_no desc) = 1

),

changed as (

    select
        *,
        row_number() over (partition by account_id order by told_date) = 1 as is_first

    from told

    qualify
        row_number() over (partition by account_id order by told_date) = 1
        or segment_id is distinct from lag(segment_id) over (partition by account_id order by told_date)

)

select
    account_id,
    segment_id,
    case when is_first then date '0001-01-01' else told_date end as from_date,
    coalesce(lead(told_date) over (partition by account_id order by told_date), date '9999-12-31') as until_date

from changed
