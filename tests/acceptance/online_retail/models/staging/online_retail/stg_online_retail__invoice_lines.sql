with

source as (

    select * from {{ source('raw_online_retail', 'invoice_lines') }}

),

renamed as (

    select

        -- ids
        -- The document has no line numbers: a line is known by its content and its occurrence.
        _key as line_id,
        {{ adapter.quote('InvoiceNo') }} as document_id,
        cast(null as varchar) as order_id,
        cast({{ adapter.quote('CustomerID') }} as varchar) as account_id,
        cast(null as varchar) as rep_id,
        {{ adapter.quote('StockCode') }} as product_id,

        -- strings
        case
            when {{ adapter.quote('InvoiceNo') }} like 'C%' then 'credit_note'
            when {{ adapter.quote('InvoiceNo') }} like 'A%' then 'adjustment'
            else 'invoice'
        end as document_kind,
        {{ adapter.quote('Country') }} as territory,
        cast(null as varchar) as region,
        'GBP' as currency,

        -- numerics
        cast(null as bigint) as line_number,
        {{ key_repetition() }} as repetition_no,
        cast({{ adapter.quote('Quantity') }} as decimal(18, 3)) as quantity,
        {{ adapter.quote('UnitPrice') }} as unit_price_doc,
        -- Credit notes carry negative quantities already: no sign is turned.
        cast({{ adapter.quote('Quantity') }} * {{ adapter.quote('UnitPrice') }} as decimal(18, 4)) as amount_doc,
        cast(null as decimal(18, 4)) as cost_doc,

        -- dates
        {{ local_date(adapter.quote('InvoiceDate')) }} as issued_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
