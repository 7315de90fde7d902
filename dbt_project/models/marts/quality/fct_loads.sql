with

loads as (

    select *

    from {{ ref('stg_raw__loads') }}

    where extracted_at < {{ as_of_at() }}

)

select
    load_id,
    source_name,
    table_name,
    source_file,
    delivery_mode,
    contract_version,
    schema_fingerprint,
    content_sha256,
    extra_columns,
    notes,
    status,
    reason,
    size_bytes,
    delivered_rows,
    loaded_rows,
    unchanged_rows,
    deleted_rows,
    quarantined_rows,
    repeated_rows,
    {{ local_date('extracted_at') }} as extracted_date,
    extracted_at

from loads

order by extracted_at, source_name, table_name, load_id
