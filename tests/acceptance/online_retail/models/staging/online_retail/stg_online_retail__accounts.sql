{# The export has no list of customers: they are derived from the lines, one by its last line. #}
with

lines as (

    {{ latest_rows(source('raw_online_retail', 'invoice_lines')) }}

),

last_lines as (

    select *

    from lines

    where {{ adapter.quote('CustomerID') }} is not null

    qualify row_number() over (
        partition by {{ adapter.quote('CustomerID') }}
        order by _extracted_at desc, _row_number desc
    ) = 1

),

renamed as (

    select

        -- ids
        cast({{ adapter.quote('CustomerID') }} as varchar) as account_id,
        cast(null as varchar) as rep_id,

        -- strings
        cast(null as varchar) as account_name,
        cast(null as varchar) as segment_id,
        cast(null as varchar) as industry,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        {{ adapter.quote('Country') }} as country,
        cast(null as varchar) as custom_fields,

        -- numerics
        cast(null as bigint) as employees,

        -- timestamps
        cast(null as timestamp) as created_at,

        -- lake: the key is the customer's, no longer the line's
        cast({{ adapter.quote('CustomerID') }} as varchar) as _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at

    from last_lines

)

select * from renamed
