with

source as (

    select * from {{ source('raw_invoicing', 'payments') }}

),

renamed as (

    select

        -- ids
        id as payment_id,
        invoice_id as document_id,

        -- strings
        currency,

        -- numerics
        amount as amount_doc,

        -- dates
        paid_on as paid_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
