{#
    What may be talked about in a review, from each rep's facts. weight orders topics of different kinds: how far the
    figure lies from where it should be, 0 to 1. Success is a topic too, after what is wrong.
#}
{%- set topics = {
    'result': {
        'when': 'year_attainment < 1',
        'weight': '1 - year_attainment',
        'text': "'Objectives of the year: ' || " ~ percent_text('year_attainment'),
    },
    'outlook': {
        'when': 'coverage_next < required_coverage',
        'weight': '1 - ' ~ safe_divide('coverage_next', 'required_coverage'),
        'text': "'The pipeline of the next quarter covers ' || " ~ percent_text(safe_divide('coverage_next', 'required_coverage')) ~ " || ' of what is needed'",
    },
    'craft': {
        'when': 'residual_high < 0',
        'weight': '-residual / nullif(peer_conversion, 0)',
        'text': "'Wins ' || " ~ percent_text('-residual') ~ " || ' of the deals less than the team does of the same kind'",
    },
    'overstay': {
        'when': 'overstay_count > 0',
        'weight': safe_divide('overstay_count', 'open_count'),
        'text': "cast(overstay_count as varchar) || ' of ' || cast(open_count as varchar) || ' open deals stand too long in their stage'",
    },
    'dates': {
        'when': 'slipped_count > 0',
        'weight': safe_divide('slipped_count', 'open_count'),
        'text': "cast(slipped_count as varchar) || ' of ' || cast(open_count as varchar) || ' open deals are past their close date'",
    },
    'forecast': {
        'when': "forecast_direction in ('optimist', 'cautious')",
        'weight': 'least(abs(forecast_bias), 1)',
        'text': "'Forecasts are ' || " ~ percent_text('abs(forecast_bias)') ~ " || case when forecast_bias > 0 then ' too high' else ' too low' end",
    },
    'effort': {
        'when': 'administrative_share > 1.2 * company_administrative_share',
        'weight': 'administrative_share - company_administrative_share',
        'text': percent_text('administrative_share') ~ " || ' of the time is no sales work, in the company ' || " ~ percent_text('company_administrative_share'),
    },
    'no_shows': {
        'when': "no_show_rate > 0.25 and meetings_held_count >= 10",
        'weight': 'no_show_rate - 0.25',
        'text': "'Nobody came to ' || " ~ percent_text('no_show_rate') ~ " || ' of the appointments'",
    },
    'fields': {
        'when': 'completeness < 1 and field_count > 0',
        'weight': '1 - completeness',
        'text': "cast(field_count as varchar) || ' mandatory fields to fill'",
    },
    'success': {
        'when': 'year_attainment >= 1',
        'weight': '-1 + year_attainment / 1000',
        'text': "'Objectives of the year attained: ' || " ~ percent_text('year_attainment'),
    },
} -%}
with

facts as (

    select * from {{ ref('int_reps_reviewed') }}

),

topics as (

    {%- for topic, rule in topics.items() %}
    select
        rep_id,
        '{{ topic }}' as topic,
        {{ rule.text }} as told,
        cast({{ rule.weight }} as double) as weight

    from facts

    where {{ rule.when }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    *,
    cast(row_number() over (partition by rep_id order by weight desc, topic asc) as integer) as position

from topics
