with

source as (

    select * from {{ source('raw_adventureworks', 'reseller') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('ResellerKey') }} as account_id,
        -- A reseller has no rep of its own: each sale names the one who made it.
        cast(null as varchar) as rep_id,

        -- strings
        trim({{ adapter.quote('Reseller') }}) as account_name,
        nullif(trim({{ adapter.quote('Business Type') }}), '') as segment_id,
        cast(null as varchar) as industry,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        nullif(trim({{ adapter.quote('Country-Region') }}), '') as country,
        {{ json_object_text({
            'city': adapter.quote('City'),
            'state_province': adapter.quote('State-Province'),
        }) }} as custom_fields,

        -- numerics
        cast(null as bigint) as employees,

        -- timestamps
        cast(null as timestamp) as created_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
