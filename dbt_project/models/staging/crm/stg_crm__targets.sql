with

source as (

    select * from {{ source('raw_crm', 'objectives') }}

),

renamed as (

    select

        -- ids
        rep_id,

        -- strings
        criterion,

        -- numerics
        target as target_value,
        weight,

        -- dates
        month as month_start_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
