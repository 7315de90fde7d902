with

snapshots as (

    select * from {{ ref('fct_pipeline_snapshots') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

stages as (

    select * from {{ ref('dim_stages') }}

),

-- The last day of each month; of the current one, as_of.
month_ends as (

    select
        month_start_date,
        max(date_day) as snapshot_date

    from dates

    where date_day <= {{ as_of_date() }}

    group by month_start_date

)

select
    snapshots.rep_id,
    snapshots.stage_id,
    reps.rep_name,
    reps.team,
    stages.stage_label,
    stages.stage_position,
    snapshots.open_count,
    snapshots.gross_amount,
    snapshots.weighted_amount,
    month_ends.month_start_date,
    snapshots.snapshot_date

from snapshots

inner join month_ends
    on snapshots.snapshot_date = month_ends.snapshot_date

inner join stages
    on snapshots.stage_id = stages.stage_id

left outer join reps
    on snapshots.rep_id = reps.rep_id

order by snapshots.snapshot_date, snapshots.rep_id, stages.stage_position
