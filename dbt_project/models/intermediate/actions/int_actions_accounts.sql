{#
    Accounts of the most valuable segment on which no sales work was done since the day given. (Accounts to requalify
    belong here too, once engagement is measured.)
#}
with

accounts as (

    select accounts.*

    from {{ ref('dim_accounts') }} as accounts

    inner join {{ ref('segments') }} as segments
        on accounts.segment_id = segments.segment_id

    where segments.position = (select min(ranked.position) from {{ ref('segments') }} as ranked)

),

worked as (

    select
        account_id,
        max(activity_date) as last_date

    from {{ ref('fct_activities') }}

    where is_held and is_selling and activity_date <= {{ as_of_date() }}

    group by account_id

),

at_stake as (

    select
        account_id,
        sum(case when is_open then amount end) as open_amount

    from {{ ref('fct_opportunities') }}

    group by account_id

)

select
    'target_underworked' as action_kind,
    accounts.rep_id_current as rep_id,
    accounts.account_id,
    cast(null as varchar) as opportunity_id,
    accounts.account_id as record_id,
    coalesce(accounts.account_name, accounts.account_id) || ' (' || accounts.segment_id || '): ' || case
        when worked.last_date is null then 'no sales work so far'
        else 'no sales work since ' || cast(worked.last_date as varchar)
    end as reason,
    at_stake.open_amount as amount,
    coalesce(worked.last_date, accounts.created_date) as event_date

from accounts

left outer join worked
    on accounts.account_id = worked.account_id

left outer join at_stake
    on accounts.account_id = at_stake.account_id
