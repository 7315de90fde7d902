with

source as (

    select * from {{ source('raw_invoicing', 'invoices') }}

),

renamed as (

    select

        -- ids
        id as document_id,
        order_id,
        account_id,
        rep_id,

        -- strings
        lower(trim(kind)) as document_kind,
        currency,

        -- numerics
        amount_net as amount_doc,
        amount_tax as tax_doc,

        -- booleans
        coalesce(is_disputed, false) as is_disputed,

        -- dates
        issued_on as issued_date,
        due_on as due_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
