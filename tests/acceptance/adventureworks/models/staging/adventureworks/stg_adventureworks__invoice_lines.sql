with

source as (

    select * from {{ source('raw_adventureworks', 'sales') }}

),

territories as (

    {{ latest_rows(source('raw_adventureworks', 'region')) }}

),

-- The territory is where the line was sold, which may differ from where the reseller sits.
located as (

    select
        source.*,
        territories.{{ adapter.quote('Region') }} as territory,
        territories.{{ adapter.quote('Group') }} as region

    from source

    left outer join territories
        on source.{{ adapter.quote('SalesTerritoryKey') }} = territories.{{ adapter.quote('SalesTerritoryKey') }}

),

renamed as (

    select

        -- ids
        _key as line_id,
        {{ adapter.quote('SalesOrderNumber') }} as document_id,
        {{ adapter.quote('SalesOrderNumber') }} as order_id,
        {{ adapter.quote('ResellerKey') }} as account_id,
        {{ adapter.quote('EmployeeKey') }} as rep_id,
        {{ adapter.quote('ProductKey') }} as product_id,

        -- strings
        'invoice' as document_kind,
        territory,
        region,
        'USD' as currency,

        -- numerics
        cast(null as bigint) as line_number,
        cast(null as bigint) as repetition_no,
        cast({{ adapter.quote('Quantity') }} as decimal(18, 3)) as quantity,
        cast({{ adapter.quote('Unit Price') }} as decimal(18, 4)) as unit_price_doc,
        cast({{ adapter.quote('Sales') }} as decimal(18, 4)) as amount_doc,
        -- The export states the cost of the whole line: it is not multiplied by the quantity.
        cast({{ adapter.quote('Cost') }} as decimal(18, 4)) as cost_doc,

        -- dates
        {{ adapter.quote('OrderDate') }} as issued_date,

        -- lake
        {{ lake_columns() }}

    from located

)

select * from renamed
