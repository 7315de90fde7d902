{# A deal counts on the day on which it was first asked with a version of the grid. #}
{%- set levels = {'rep': 'rep_id', 'team': 'team', 'segment': 'segment_id', 'origin': 'origin'} -%}
with

qualifications as (

    select * from {{ ref('mart_qualifications') }}

),

measured as (

    {{ kpi(
        'qualification_score',
        relation='qualifications',
        day='asked_date',
        numerator='answered_points',
        denominator='answered_weight',
        levels=levels,
        observations='answered_count'
    ) }}

    union all

    {{ kpi(
        'qualification_answered_share',
        relation='qualifications',
        day='asked_date',
        numerator='answered_weight',
        denominator='grid_weight',
        levels=levels,
        least=var('min_n'),
        observations='criterion_count'
    ) }}

)

select * from measured
