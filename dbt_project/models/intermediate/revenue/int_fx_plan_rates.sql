with

fx_plan_rates as (

    select * from {{ ref('fx_plan_rates') }}

),

foreign_rates as (

    select
        currency,
        fiscal_year,
        rate

    from fx_plan_rates

    where currency <> '{{ var("reporting_currency") }}'

)

select * from foreign_rates
