with

source as (

    select * from {{ source('raw_invoicing', 'credit_notes') }}

),

renamed as (

    select

        -- ids
        id as document_id,
        invoice_id as corrected_document_id,
        account_id,
        rep_id,
        product_id,

        -- strings
        currency,
        nullif(trim(reason), '') as reason,

        -- numerics
        amount_net as amount_doc,

        -- dates
        issued_on as issued_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
