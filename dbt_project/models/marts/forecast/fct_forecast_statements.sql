{#
    Nothing here is known only after stated_date. The baseline is of the same forecasters: beside a submission what those
    won a year before who hand one in, logged or not, as its outcome is.
#}
{%- set methods = {
    'submission': 'submission_amount',
    'category': 'case when category_count > 0 then won_before_amount + rollup_amount end',
    'stated_probability': 'won_before_amount + weighted_amount',
    'stage_rate': 'case when unrated_count = 0 then won_before_amount + stage_rate_amount end',
    'seasonal_naive': 'case when has_year_before and is_naive_whole then naive_amount end',
    'linear_pace': 'case when days_so_far > 0 then won_before_amount * days_in_period / days_so_far end',
} -%}
with

member_statements as (

    select * from {{ ref('int_member_statements') }}

),

categories as (

    select count(*) as category_count from {{ ref('forecast_categories') }}

),

-- The same period of the year before is a baseline only where the history reaches back to it.
history as (

    select cast(date_trunc('month', min(created_date)) as date) as first_month_date

    from {{ ref('fct_opportunities') }}

),

dated as (

    select
        member_statements.*,
        member_statements.year_before_start_date >= history.first_month_date as has_year_before,
        categories.category_count,
        {{ calendar_days('period_start_date', 'stated_date') }} + 1 as days_so_far,
        {{ calendar_days('period_start_date', 'period_end_date') }} + 1 as days_in_period

    from member_statements

    cross join categories

    cross join history

),

stated as (

    {%- for method, amount in methods.items() %}
    select
        *,
        '{{ method }}' as method,
        cast({{ amount }} as decimal(18, 2)) as stated_amount

    from dated
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    level,
    member,
    method,
    period_grain,
    horizon_days,
    deal_count,
    stated_amount,
    won_before_amount,
    open_amount,
    case
        when has_year_before and method = 'submission' then spoken_naive_amount
        when has_year_before and is_naive_whole then naive_amount
    end as naive_amount,
    is_horizon,
    is_week_end,
    is_reconstructed,
    period_start_date,
    period_end_date,
    stated_date

from stated

where stated_amount is not null and (method = 'submission' or is_told_by_deals)

order by period_start_date, period_grain, stated_date, level, member, method, is_reconstructed
