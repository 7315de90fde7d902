{#
    What each rep's deals, wins and words said about a period on a day, side by side. In office is who
    had an open deal in the month of the day or the two before: he states nothing by having none.
#}
{%- set amounts = [
    'open_amount', 'weighted_amount', 'rollup_amount', 'stage_rate_amount', 'won_before_amount', 'naive_amount',
    'won_amount', 'restated_amount', 'months_won_amount',
] -%}
with

days as (

    select * from {{ ref('int_forecast_days') }}

),

deals as (

    select * from {{ ref('int_deals_summed') }}

),

wins as (

    select * from {{ ref('int_wins_known') }}

),

outcomes as (

    select * from {{ ref('int_period_outcomes') }}

),

submissions as (

    select * from {{ ref('int_submissions_stated') }}

),

office_months as (

    select
        rep_id,
        is_reconstructed,
        month_start_date,
        min(from_date) as from_date

    from {{ ref('fct_pipeline_intervals') }}

    group by rep_id, is_reconstructed, month_start_date

),

parts as (

    {{ statement_part('deals', key="deals.rep_id, deals.is_reconstructed", measures={
        'deal_count': 'deals.deal_count',
        'unresolved_count': 'deals.unresolved_count',
        'unrated_count': 'deals.unrated_count',
        'open_amount': 'deals.open_amount',
        'weighted_amount': 'deals.weighted_amount',
        'rollup_amount': 'deals.rollup_amount',
        'stage_rate_amount': 'deals.stage_rate_amount',
    }, on='deals.stated_date = days.stated_date
            and deals.close_month_date >= days.period_start_date
            and deals.close_month_date <= days.period_end_date') }}

    union all

    {{ statement_part('wins', key="wins.rep_id, wins.is_reconstructed", measures={
        'won_before_amount': 'wins.amount',
        'months_won_amount': 'case when wins.won_date < days.stated_month_date then wins.amount end',
    }, on='wins.won_date >= days.period_start_date
            and wins.won_date <= days.period_end_date
            and wins.won_date <= days.stated_date
            and wins.valid_from_date <= days.stated_date
            and coalesce(wins.valid_to_date > days.stated_date, true)') }}

    union all

    {{ statement_part('outcomes', key='outcomes.rep_id, outcomes.is_reconstructed', measures={
        'naive_amount': 'outcomes.won_amount',
    }, on='outcomes.period_grain = days.period_grain
            and outcomes.period_start_date = days.year_before_start_date') }}

    union all

    {{ statement_part('outcomes', key='outcomes.rep_id, outcomes.is_reconstructed', measures={
        'won_amount': 'outcomes.won_amount',
        'restated_amount': 'outcomes.restated_amount',
    }, on='outcomes.period_grain = days.period_grain
            and outcomes.period_start_date = days.period_start_date
            and days.is_period_over') }}

    union all

    {{ statement_part('office_months', key='office_months.rep_id, office_months.is_reconstructed', measures={
        'in_office': '1',
    }, on="office_months.from_date <= days.stated_date
            and office_months.month_start_date >= date_trunc('month', days.stated_date) - interval 2 month") }}

    union all

    {{ statement_part('submissions', key='submissions.rep_id, false as is_reconstructed', measures={
        'word_amount': 'submissions.amount',
    }, on='submissions.period_grain = days.period_grain
            and submissions.period_start_date = days.period_start_date
            and submissions.stated_date = days.stated_date') }}

),

summed as (

    select
        rep_id,
        period_grain,
        cast(coalesce(sum(deal_count), 0) as integer) as deal_count,
        cast(coalesce(sum(unresolved_count), 0) as integer) as unresolved_count,
        cast(coalesce(sum(unrated_count), 0) as integer) as unrated_count,
        {%- for amount in amounts %}
        cast(coalesce(sum({{ amount }}), 0) as decimal(18, 2)) as {{ amount }},
        {%- endfor %}
        cast(sum(word_amount) as decimal(18, 2)) as word_amount,
        max(in_office) is not null as has_deals,
        is_reconstructed,
        period_start_date,
        stated_date

    from parts

    group by rep_id, period_grain, is_reconstructed, period_start_date, stated_date

)

-- What a rep hands in speaks of all wins, whether a log tells of them or not; of months that are over the wins speak.
-- Where a rep hands in and all deals are in the other row, no deal has said anything in this one.
select
    *,
    has_deals or word_amount is not null as is_in_office,
    has_deals or (word_amount is not null and not bool_or(has_deals) over (by_word)) as is_told_by_deals,
    cast(word_amount + sum(months_won_amount) over (by_word) as decimal(18, 2)) as submission_amount,
    case when word_amount is not null then sum(won_amount) over (by_word) end as spoken_won_amount,
    case when word_amount is not null then sum(restated_amount) over (by_word) end as spoken_restated_amount,
    case when word_amount is not null then sum(naive_amount) over (by_word) end as spoken_naive_amount

from summed

window by_word as (partition by rep_id, period_grain, period_start_date, stated_date)
