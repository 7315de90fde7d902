with

rates as (

    select * from {{ ref('fx_spot_rates') }}

)

select
    currency,
    rate,
    rate_date as from_date,
    lead(rate_date) over (partition by currency order by rate_date) as until_date

from rates

where rate_date <= {{ as_of_date() }}
