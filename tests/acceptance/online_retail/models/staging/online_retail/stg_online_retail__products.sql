{# The export has no list of products: they are derived from the lines. #}
with

lines as (

    {{ latest_rows(source('raw_online_retail', 'invoice_lines')) }}

),

-- A line without a price is a stock correction and its description a remark ("damaged", "check"):
-- the last line with a price names the product, wherever there is one.
naming_lines as (

    select *

    from lines

    qualify row_number() over (
        partition by {{ adapter.quote('StockCode') }}
        order by
            case when {{ adapter.quote('UnitPrice') }} > 0 then 0 else 1 end,
            _extracted_at desc,
            _row_number desc
    ) = 1

),

renamed as (

    select

        -- ids
        {{ adapter.quote('StockCode') }} as product_id,

        -- strings
        trim({{ adapter.quote('Description') }}) as product_name,
        cast(null as varchar) as category,

        -- numerics
        cast(null as decimal(18, 2)) as list_price,
        cast(null as decimal(18, 4)) as unit_cost,

        -- lake: the key is the product's, no longer the line's
        {{ adapter.quote('StockCode') }} as _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at

    from naming_lines

)

select * from renamed
