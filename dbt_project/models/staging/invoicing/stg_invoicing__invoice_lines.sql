with

source as (

    select * from {{ source('raw_invoicing', 'invoice_lines') }}

),

renamed as (

    select

        -- ids
        invoice_id || '-' || cast(line_number as varchar) as line_id,
        invoice_id as document_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as account_id,
        cast(null as varchar) as rep_id,
        product_id,

        -- strings
        cast(null as varchar) as document_kind,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        cast(null as varchar) as currency,

        -- numerics
        line_number,
        cast(null as bigint) as repetition_no,
        quantity,
        unit_price as unit_price_doc,
        amount_net as amount_doc,
        cast(quantity * unit_cost as decimal(18, 4)) as cost_doc,

        -- dates
        cast(null as date) as issued_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
