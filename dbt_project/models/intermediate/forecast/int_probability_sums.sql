{#
    Sums by bin, from which every score follows: a bin is a tenth of the scale. One pass over the deals, then the
    levels are added up. Each outcome is held against the calibrated chance that speaks of it.
#}
{%- set outcomes = {
    'ever_won': {
        'is_won': 'is_ever_won',
        'methods': {
            'stated': 'stated_probability', 'stage_rate': 'stage_rate', 'calibrated': 'calibrated_probability',
        },
    },
    'won_by_period': {
        'is_won': 'is_won_by_period',
        'methods': {
            'stated': 'stated_probability', 'stage_rate': 'stage_rate',
            'calibrated': 'calibrated_probability_by_period',
        },
    },
} -%}
{%- set clipped = 'least(greatest(probability, 0.000001), 0.999999)' -%}
with

judged as (

    select
        deals.*,
        deals.calibrated_probability * timing_fits.timing_factor as calibrated_probability_by_period

    from {{ ref('int_deals_judged') }} as deals

    left outer join {{ ref('int_timing_fits') }} as timing_fits
        on
            deals.stage_id = timing_fits.stage_id
            and deals.horizon_days = timing_fits.horizon_days
            and timing_fits.month_start_date = cast(date_trunc('month', deals.stated_date) as date)

),

claims as (

    {%- for outcome, judged_by in outcomes.items() %}
    {%- set is_won = judged_by.is_won %}
    {%- set is_last_outcome = loop.last %}
    {%- for method, probability in judged_by.methods.items() %}
    select
        rep_id,
        team,
        stage_id,
        horizon_days,
        is_reconstructed,
        '{{ method }}' as method,
        '{{ outcome }}' as outcome,
        {{ probability }} as probability,
        stated_probability,
        cast(amount as double) as amount,
        {{ is_won }} is not null as is_resolved,
        cast(cast({{ is_won }} as integer) as double) as won

    from judged

    where {{ probability }} is not null
    {% if not (loop.last and is_last_outcome) %}
    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}

),

binned as (

    select
        rep_id,
        team,
        stage_id,
        method,
        outcome,
        horizon_days,
        is_reconstructed,
        cast(floor(round(probability * 10, 9)) as integer) as bin_no,
        count(case when not is_resolved then 1 end) as unresolved_count,
        count(case when is_resolved then 1 end) as case_count,
        sum(won) as won_count,
        {{ exact_sum('case when is_resolved then probability end') }} as probability_sum,
        {{ exact_sum('case when is_resolved then probability * probability end') }} as probability_square_sum,
        {{ exact_sum('probability * won') }} as probability_won_sum,
        {{ exact_sum('(probability - won) * (probability - won)') }} as square_error_sum,
        {{ exact_sum('(stated_probability - won) * (stated_probability - won)') }} as stated_square_error_sum,
        count(case when stated_probability is not null and is_resolved then 1 end) as stated_case_count,
        {{ exact_sum('-won * ln(' ~ clipped ~ ') - (1 - won) * ln(1 - ' ~ clipped ~ ')') }} as log_loss_sum,
        {{ exact_sum('case when is_resolved then probability * amount end') }} as stated_value,
        {{ exact_sum('won * amount') }} as won_value

    from claims

    group by rep_id, team, stage_id, method, outcome, horizon_days, is_reconstructed, bin_no

),

members as (

    {{ by_level('binned', {'rep': 'rep_id', 'team': 'team', 'stage': 'stage_id'}) }}

)

select
    level,
    member,
    method,
    outcome,
    horizon_days,
    bin_no,
    {%- for count in ['unresolved_count', 'case_count', 'won_count', 'stated_case_count'] %}
    cast(coalesce(sum({{ count }}), 0) as integer) as {{ count }},
    {%- endfor %}
    {%- for total in [
        'probability_sum', 'probability_square_sum', 'probability_won_sum', 'square_error_sum',
        'stated_square_error_sum', 'log_loss_sum', 'stated_value', 'won_value',
    ] %}
    cast(coalesce(sum({{ total }}), 0) as double) as {{ total }},
    {%- endfor %}
    is_reconstructed

from members

group by level, member, method, outcome, horizon_days, bin_no, is_reconstructed
