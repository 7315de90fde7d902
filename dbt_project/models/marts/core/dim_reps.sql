with

reps as (

    select * from {{ ref('int_reps_conformed') }}

),

rep_costs as (

    select * from {{ ref('rep_costs') }}

)

select
    reps.rep_id,
    reps.manager_id,
    reps.rep_name,
    managers.rep_name as manager_name,
    reps.team,
    reps.territory,
    reps.seniority,
    reps.time_zone,
    rep_costs.hourly_cost,
    reps.left_date is null or reps.left_date >= {{ as_of_date() }} as is_employed,
    reps.hired_date,
    reps.left_date

from reps

left outer join reps as managers
    on reps.manager_id = managers.rep_id

left outer join rep_costs
    on reps.seniority = rep_costs.seniority

order by reps.rep_id
