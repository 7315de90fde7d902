with

source as (

    select * from {{ source('raw_crm', 'forecast_submissions') }}

),

renamed as (

    select

        -- ids
        id as submission_id,
        rep_id,

        -- numerics
        amount,

        -- dates
        month as month_start_date,

        -- timestamps
        submitted_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
