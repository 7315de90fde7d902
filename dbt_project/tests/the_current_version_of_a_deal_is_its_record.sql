{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_opportunity_versions"}}}) }}
-- The history of a deal ends in what its record says today. Where the log lost a change (or the record is
-- ahead of its log) they contradict each other: the history is then wrong from some day on, and the pipeline with
-- it. One row per deal, naming what differs. Left out: a deal whose closing is stated for after as_of (told
-- elsewhere), and one that is no longer delivered, of which only the log may have told more.
with

versions as (

    select *

    from {{ ref('fct_opportunity_versions') }}

    where is_current

),

opportunities as (

    select *

    from {{ ref('fct_opportunities') }}

),

delivered as (

    select *

    from {{ ref('int_opportunities_conformed') }}

    where not is_vanished

),

compared as (

    select
        opportunities.opportunity_id,
        opportunities.state as record_state,
        versions.state as version_state,
        versions.state is distinct from opportunities.state as state_differs,
        versions.stage_id is distinct from opportunities.stage_id as stage_differs,
        versions.amount_doc is distinct from opportunities.amount_doc as amount_differs,
        versions.currency is distinct from opportunities.currency as currency_differs,
        versions.rep_id is distinct from opportunities.rep_id as rep_differs,
        versions.expected_close_date is distinct from opportunities.expected_close_date as close_date_differs

    from opportunities

    inner join delivered
        on opportunities.opportunity_id = delivered.opportunity_id

    left outer join versions
        on opportunities.opportunity_id = versions.opportunity_id

    where coalesce(opportunities.closed_at < {{ as_of_at() }}, true)

)

select *

from compared

where state_differs or stage_differs or amount_differs or currency_differs or rep_differs or close_date_differs
