with

source as (

    select * from {{ source('raw_regional_sales', 'owners') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('SystemUserSeq') }} as rep_id,
        -- Managers are known by name only and sell nothing themselves: the name makes the team.
        cast(null as varchar) as manager_id,

        -- strings
        trim({{ adapter.quote('Owner') }}) as rep_name,
        nullif(trim({{ adapter.quote('Manager') }}), '') as team,
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
