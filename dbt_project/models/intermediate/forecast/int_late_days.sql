{#
    The statement days on which what is known today of a deal was not known yet: something had happened by the day's end
    and was told after it. Few; what was known on them is put together anew (int_deals_known).
#}
with

told as (

    select opportunity_id, valid_from, told_at from {{ ref('int_opportunity_values_changed') }}
    union all
    select opportunity_id, valid_from, told_at from {{ ref('int_opportunity_values_started') }}

),

stated_days as (

    select distinct stated_date from {{ ref('int_forecast_days') }}

),

late as (

    select distinct
        opportunity_id,
        {{ local_date('valid_from') }} as from_date,
        {{ local_date('told_at') }} as told_date

    from told

    where told_at > valid_from

)

select distinct
    late.opportunity_id,
    stated_days.stated_date,
    {{ day_start(add_days('stated_days.stated_date', 1)) }} as stated_until

from late

inner join stated_days
    on
        late.from_date <= stated_days.stated_date
        and late.told_date > stated_days.stated_date
