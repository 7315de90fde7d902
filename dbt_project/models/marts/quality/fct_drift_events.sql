with

events as (

    select * from {{ ref('stg_raw__drift') }}

),

loads as (

    select * from {{ ref('fct_loads') }}

),

newest_loads as (

    select
        source_name,
        table_name,
        max(extracted_at) as newest_at

    from loads

    where status = 'landed'

    group by source_name, table_name

)

select
    events.load_id,
    events.source_name,
    events.table_name,
    events.column_name,
    events.drift_kind,
    events.detail,
    events.extracted_at = newest_loads.newest_at as is_newest,
    {{ local_date('events.extracted_at') }} as extracted_date,
    events.extracted_at

from events

inner join newest_loads
    on
        events.source_name = newest_loads.source_name
        and events.table_name = newest_loads.table_name

where events.extracted_at < {{ as_of_at() }}

order by events.extracted_at, events.source_name, events.table_name, events.column_name, events.detail
