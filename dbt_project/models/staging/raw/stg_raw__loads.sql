with

source as (

    select * from {{ source('raw', 'loads') }}

),

renamed as (

    select

        -- ids
        load_id,

        -- strings
        source_name,
        table_name,
        source_file,
        mode as delivery_mode,
        contract_version,
        schema_fingerprint,
        content_sha256,
        extra_columns,
        notes,
        status,
        reason,

        -- numerics
        bytes as size_bytes,
        delivered_rows,
        loaded_rows,
        unchanged_rows,
        deleted_rows,
        quarantined_rows,
        repeated_rows,

        -- timestamps
        extracted_at

    from source

)

select * from renamed
