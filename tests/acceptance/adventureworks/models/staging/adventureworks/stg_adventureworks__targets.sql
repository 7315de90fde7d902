with

source as (

    select * from {{ source('raw_adventureworks', 'targets') }}

),

salespersons as (

    {{ latest_rows(source('raw_adventureworks', 'salesperson')) }}

),

-- Objectives name a rep by staff number, sales by key: two numbers that must not be mixed up.
identified as (

    select
        source.*,
        salespersons.{{ adapter.quote('EmployeeKey') }} as employee_key

    from source

    left outer join salespersons
        on source.{{ adapter.quote('EmployeeID') }} = salespersons.{{ adapter.quote('EmployeeID') }}

),

renamed as (

    select

        -- ids
        employee_key as rep_id,

        -- strings
        'revenue' as criterion,

        -- numerics
        {{ adapter.quote('TargetAmount') }} as target_value,
        cast(1 as decimal(5, 4)) as weight,

        -- dates
        {{ adapter.quote('TargetMonth') }} as month_start_date,

        -- lake
        {{ lake_columns() }}

    from identified

)

select * from renamed
