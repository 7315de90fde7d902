{# The open pipeline at the last day of each period that has begun; of the current one, at as_of. #}
{% macro pipeline_at_ends(period_start_date) -%}
with

period_ends as (

    select {{ period_start_date }}, max(date_day) as snapshot_date
    from {{ ref('dim_dates') }}
    where date_day <= {{ as_of_date() }}
    group by {{ period_start_date }}

)

select
    snapshots.rep_id,
    snapshots.stage_id,
    reps.rep_name,
    snapshots.team,
    reps.team as team_current,
    stages.stage_label,
    stages.stage_position,
    snapshots.open_count,
    snapshots.unvalued_count,
    snapshots.gross_amount,
    snapshots.weighted_amount,
    period_ends.{{ period_start_date }},
    snapshots.snapshot_date

from {{ ref('fct_pipeline_snapshots') }} as snapshots

inner join period_ends
    on snapshots.snapshot_date = period_ends.snapshot_date

inner join {{ ref('dim_stages') }} as stages
    on snapshots.stage_id = stages.stage_id

left outer join {{ ref('dim_reps') }} as reps
    on snapshots.rep_id = reps.rep_id

order by snapshots.snapshot_date, snapshots.rep_id, stages.stage_position
{%- endmacro %}
