{#
    Reps whose last months, without a break until the latest one that is over, lie below the limit of the desk. The item dates
    from the end of the first of them; its money is the revenue missing since.
#}
with

months as (

    select
        *,
        row_number() over (partition by rep_id order by period_start_date desc) as months_ago

    from {{ ref('mart_attainments') }}

    where period_grain = 'month' and is_over

),

rules as (

    select *

    from {{ ref('action_rules') }}

    where action_kind = 'rep_far_from_target'

),

last_good as (

    select
        months.rep_id,
        min(months.months_ago) as months_ago

    from months

    inner join rules
        on months.attainment >= rules.minimum

    group by months.rep_id

),

revenue as (

    select *

    from {{ ref('fct_objectives') }}

    where period_grain = 'month' and measure = 'revenue'

),

streaks as (

    select
        months.rep_id,
        count(*) as month_count,
        sum(greatest(revenue.target_to_date - revenue.reached, 0)) as missing_amount,
        min(months.period_start_date) as since_date

    from months

    cross join rules

    inner join {{ ref('dim_reps') }} as reps
        on months.rep_id = reps.rep_id

    left outer join last_good
        on months.rep_id = last_good.rep_id

    left outer join revenue
        on months.rep_id = revenue.rep_id and months.period_start_date = revenue.period_start_date

    where reps.is_employed and coalesce(months.months_ago < last_good.months_ago, true)

    group by months.rep_id

)

select
    'rep_far_from_target' as action_kind,
    rep_id,
    cast(null as varchar) as account_id,
    cast(null as varchar) as opportunity_id,
    rep_id as record_id,
    'Far below the objectives for ' || cast(month_count as varchar) || ' months, since '
    || cast(since_date as varchar) as reason,
    cast(missing_amount as decimal(18, 2)) as amount,
    cast(since_date + interval 1 month as date) as event_date

from streaks
