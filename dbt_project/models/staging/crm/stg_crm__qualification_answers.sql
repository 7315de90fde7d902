with

source as (

    select * from {{ source('raw_crm', 'qualification_answers') }}

),

renamed as (

    select

        -- ids
        id as answer_id,
        opportunity_id,
        answered_by,

        -- strings
        grid_version,
        criterion,

        -- numerics
        score,

        -- timestamps
        answered_at,

        -- lake
        {{ lake_columns() }}

    from source

)

select * from renamed
