{#
    The account's segment as successive loads of accounts tell it, so that a deal carries the segment of
    the day and not today's. A deal starts with what the last load before its creation said, or, where
    there is none, with the first one's word; only what is told later is a change.
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

),

followed as (

    select
        opportunities.opportunity_id,
        accounts.segment_id,
        accounts.previous_segment_id,
        accounts.load_no,
        coalesce(
            max(case when accounts.known_at <= opportunities.created_at then accounts.load_no end)
                over (partition by opportunities.opportunity_id),
            min(accounts.load_no) over (partition by opportunities.opportunity_id)
        ) as start_load_no,
        accounts.known_at

    from opportunities

    inner join accounts
        on opportunities.account_id = accounts.account_id

)

select
    opportunity_id,
    segment_id,
    previous_segment_id,
    load_no,
    load_no = start_load_no as is_start,
    known_at

from followed

where
    load_no = start_load_no
    or (load_no > start_load_no and segment_id <> previous_segment_id)
