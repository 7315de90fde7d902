with

registered as (

    select * from {{ ref('custom_fields') }}

),

delivered as (

    select * from {{ ref('int_custom_fields_delivered') }}

),

joined as (

    select
        coalesce(registered.source_name, delivered.source_name) as source_name,
        coalesce(registered.table_name, delivered.table_name) as table_name,
        coalesce(registered.column_name, delivered.column_name) as column_name,
        registered.column_name is not null as is_registered,
        delivered.column_name is not null as is_known,
        coalesce(delivered.is_delivered, false) as is_delivered,
        registered.data_type,
        {{ custom_field_kind('registered.data_type') }} as registered_kind,
        delivered.value_kind as delivered_kind,
        coalesce(delivered.value_kinds, 0) as delivered_kinds,
        registered.owner,
        registered.rename_of,
        registered.description,
        registered.is_personal,
        {{ local_date('delivered.first_seen_at') }} as first_seen_date,
        {{ local_date('delivered.last_seen_at') }} as last_seen_date

    from registered

    full outer join delivered
        on
            registered.source_name = delivered.source_name
            and registered.table_name = delivered.table_name
            and registered.column_name = delivered.column_name

)

select
    source_name,
    table_name,
    column_name,
    case
        when not is_registered then 'unregistered'
        when not is_known then 'awaited'
        when not is_delivered then 'vanished'
        when delivered_kinds > 1 or registered_kind <> delivered_kind then 'retyped'
        else 'registered'
    end as state,
    data_type,
    delivered_kind,
    owner,
    rename_of,
    description,
    is_personal,
    first_seen_date,
    last_seen_date

from joined

where is_registered or is_delivered

order by source_name, table_name, column_name
