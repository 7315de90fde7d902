with

source as (

    select * from {{ source('raw_invoicing', 'orders') }}

),

renamed as (

    select

        -- ids
        id as order_id,
        opportunity_id,
        account_id,
        rep_id,

        -- strings
        currency,

        -- numerics
        amount_net as amount_doc,

        -- dates
        ordered_on as order_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
