{{ config(meta = {"dagster": {"ref": {"name": "mart_open_deals"}}}) }}
-- Two ways to today's pipeline, by deal and by running balance, tell the same by rep and stage.
with

open_deals as (

    select
        rep_id,
        stage_id,
        count(*) as open_count,
        coalesce(sum(amount), 0) as amount

    from {{ ref('mart_open_deals') }}

    group by rep_id, stage_id

),

snapshots as (

    select *

    from {{ ref('fct_pipeline_snapshots') }}

    where snapshot_date = {{ as_of_date() }}

)

select
    coalesce(open_deals.rep_id, snapshots.rep_id) as rep_id,
    coalesce(open_deals.stage_id, snapshots.stage_id) as stage_id,
    open_deals.open_count,
    snapshots.open_count as snapshot_count,
    open_deals.amount,
    snapshots.gross_amount

from open_deals

full outer join snapshots
    on
        open_deals.rep_id = snapshots.rep_id
        and open_deals.stage_id = snapshots.stage_id

where
    open_deals.open_count is distinct from snapshots.open_count
    or open_deals.amount is distinct from snapshots.gross_amount
