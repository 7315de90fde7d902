{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_loads"}}}) }}
-- A load could not tell what is gone, or what newer files said since. What to do: docs/alerts.md, deliveries.
with

loads as (

    select * from {{ ref('fct_loads') }}

),

-- The next export of all tells what is gone, unless it holds a row without a key itself.
told as (

    select
        source_name,
        table_name,
        max(extracted_at) as told_at

    from loads

    where
        status = 'landed'
        and delivery_mode = 'full'
        and notes not like '%DELETES_POSTPONED%'

    group by source_name, table_name

)

select
    loads.load_id,
    loads.source_name,
    loads.table_name,
    loads.source_file,
    loads.notes

from loads

left outer join told
    on
        loads.source_name = told.source_name
        and loads.table_name = told.table_name

where
    loads.notes like '%NEWER_NOT_ASKED%'
    or (
        loads.notes like '%DELETES_POSTPONED%'
        and (told.told_at is null or told.told_at < loads.extracted_at)
    )
