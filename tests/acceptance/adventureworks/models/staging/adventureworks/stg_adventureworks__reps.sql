with

source as (

    select * from {{ source('raw_adventureworks', 'salesperson') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('EmployeeKey') }} as rep_id,
        cast(null as varchar) as manager_id,

        -- strings
        trim({{ adapter.quote('Salesperson') }}) as rep_name,
        -- The export knows titles but no teams, and a rep may sell in several territories.
        cast(null as varchar) as team,
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
