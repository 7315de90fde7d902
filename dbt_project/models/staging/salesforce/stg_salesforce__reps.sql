with

source as (

    select * from {{ source('raw_salesforce', 'users') }}

),

renamed as (

    select

        -- ids
        id as rep_id,
        manager_id,

        -- strings
        trim(name) as rep_name,
        nullif(trim(department), '') as team,
        cast(null as varchar) as territory,
        cast(null as varchar) as seniority,
        time_zone,

        -- dates
        cast(null as date) as hired_date,
        cast(null as date) as left_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
