with

month_ends as (

    select
        fills.*,
        fills.entity || '.' || fills.field as ruled_field

    from {{ ref('fct_field_fills') }} as fills

    where {{ is_month_end('fills.snapshot_date') }}

),

measured as (

    {{ kpi(
        'fill_rate',
        relation='month_ends',
        period='snapshot_date',
        numerator='filled_count',
        denominator='due_count',
        levels={'field': 'ruled_field', 'rep': 'rep_id'},
        least=var('min_n'),
        observations='due_count'
    ) }}

)

select * from measured
