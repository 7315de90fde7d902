{#
    Objectives of the fiscal months, by the month in which they begin. Who attains is asked once a month is over.
#}
with

attainments as (

    select *

    from {{ ref('mart_attainments') }}

    where period_grain = 'month' and is_over

),

revenue_objectives as (

    select *

    from {{ ref('fct_objectives') }}

    where period_grain = 'month' and measure = 'revenue' and attainment is not null

),

measured as (

    {{ kpi(
        'attaining_share',
        relation='attainments',
        day='period_start_date',
        numerator='case when is_attained then 1 else 0 end',
        denominator='1',
        levels={'rep': 'rep_id', 'team': 'team'},
        least=var('min_n'),
        kind='month',
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'revenue_attainment',
        relation='revenue_objectives',
        day='period_start_date',
        numerator='reached',
        denominator='target_to_date',
        levels={'rep': 'rep_id', 'team': 'team'},
        kind='month'
    ) }}

)

select * from measured
