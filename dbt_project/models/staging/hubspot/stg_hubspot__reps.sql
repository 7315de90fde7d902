with

source as (

    select * from {{ source('raw_hubspot', 'owners') }}

),

renamed as (

    select

        -- ids
        id as rep_id,
        cast(null as varchar) as manager_id,

        -- strings
        trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as rep_name,
        team,
        cast(null as varchar) as territory,
        cast(null as varchar) as seniority,
        cast(null as varchar) as time_zone,

        -- dates
        cast(null as date) as hired_date,
        cast(null as date) as left_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
