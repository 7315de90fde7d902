with

period_ends as (

    select distinct date_day

    from {{ ref('int_kpi_periods') }}

    where is_last_day

),

snapshots as (

    select snapshots.*

    from {{ ref('fct_pipeline_snapshots') }} as snapshots

    inner join period_ends
        on snapshots.snapshot_date = period_ends.date_day

),

-- A visit is judged on the day on which it ended; one that still lasts, on the as-of day.
stage_visits as (

    select
        *,
        coalesce(left_date, {{ as_of_date() }}) as judged_date

    from {{ ref('fct_stage_visits') }}

    where expected_days is not null

),

measured as (

    {{ kpi(
        'gross_pipeline',
        relation='snapshots',
        day='snapshot_date',
        numerator='gross_amount',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        observations='open_count',
        kind='stock'
    ) }}

    union all

    {{ kpi(
        'weighted_pipeline',
        relation='snapshots',
        day='snapshot_date',
        numerator='weighted_amount',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        observations='open_count',
        kind='stock'
    ) }}

    union all

    {{ kpi(
        'overstay_rate',
        relation='stage_visits',
        day='judged_date',
        numerator='case when is_overstay then 1 else 0 end',
        denominator='1',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        least=var('min_n'),
        is_proportion=true
    ) }}

)

select * from measured
