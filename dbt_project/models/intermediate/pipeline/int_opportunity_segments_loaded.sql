{#
    The account's segment as successive loads of accounts tell it, so that a deal carries the segment of
    the day and not today's. Before the first load the first one's word is taken.
#}
with

accounts as (

    select
        account_id,
        coalesce(segment_id, '') as segment_id,
        lag(coalesce(segment_id, '')) over (partition by account_id order by load_no) as previous_segment_id,
        cast(load_no as bigint) as load_no,
        known_at

    from {{ ref('int_accounts_loaded') }}

    where not is_vanished

),

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

)

select
    opportunities.opportunity_id,
    accounts.segment_id,
    accounts.previous_segment_id,
    accounts.load_no,
    accounts.known_at

from opportunities

inner join accounts
    on opportunities.account_id = accounts.account_id

where accounts.load_no = 1 or accounts.segment_id <> accounts.previous_segment_id
