with

month_ends as (

    select snapshots.*

    from {{ ref('fct_pipeline_snapshots') }} as snapshots

    where {{ is_month_end('snapshots.snapshot_date') }}

),

-- A visit is judged in the month in which it ended; one that still lasts, in the as-of month.
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
        relation='month_ends',
        period='snapshot_date',
        numerator='gross_amount',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        observations='open_count'
    ) }}

    union all

    {{ kpi(
        'weighted_pipeline',
        relation='month_ends',
        period='snapshot_date',
        numerator='weighted_amount',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        observations='open_count'
    ) }}

    union all

    {{ kpi(
        'overstay_rate',
        relation='stage_visits',
        period='judged_date',
        numerator='case when is_overstay then 1 else 0 end',
        denominator='1',
        levels={'rep': 'rep_id', 'stage': 'stage_id'},
        least=var('min_n')
    ) }}

)

select * from measured
