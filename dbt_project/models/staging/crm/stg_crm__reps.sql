with

source as (

    select * from {{ source('raw_crm', 'reps') }}

),

renamed as (

    select

        -- ids
        id as rep_id,
        nullif(trim(manager_id), '') as manager_id,

        -- strings
        trim(name) as rep_name,
        nullif(trim(team), '') as team,
        nullif(trim(territory), '') as territory,
        lower(nullif(trim(seniority), '')) as seniority,
        time_zone,

        -- dates
        hired_on as hired_date,
        left_on as left_date,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
