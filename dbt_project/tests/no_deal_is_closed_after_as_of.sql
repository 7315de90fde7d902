{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_opportunities"}}}) }}
-- A source that states a closing in the future is believed in fct_opportunities (today's word) but not in
-- the pipeline, where the deal is open until that instant: the two differ by these deals.
select
    opportunity_id,
    state,
    closed_at

from {{ ref('fct_opportunities') }}

where closed_at >= {{ as_of_at() }}
