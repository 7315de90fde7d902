{#
    Teams (as of the day) and the company add up their reps, also those who have left; a rep out of office states nothing,
    and neither does a team of such reps. What was won a year before is no baseline where part of it no log tells: that
    part is in the other row.
#}
{%- set counts = ['deal_count', 'unresolved_count', 'unrated_count'] -%}
{%- set amounts = [
    'open_amount', 'weighted_amount', 'rollup_amount', 'stage_rate_amount', 'won_before_amount', 'naive_amount',
    'submission_amount', 'won_amount', 'restated_amount', 'spoken_won_amount', 'spoken_restated_amount',
    'spoken_naive_amount',
] -%}
with

days as (

    select * from {{ ref('int_forecast_days') }}

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

teamed as (

    select
        rep_statements.*,
        teams.team

    from {{ ref('int_rep_statements') }} as rep_statements

    left outer join teams
        on
            rep_statements.rep_id = teams.rep_id
            and rep_statements.stated_date >= teams.from_date
            and rep_statements.stated_date < teams.until_date

),

members as (

    {{ by_level('teamed', {'rep': 'rep_id', 'team': 'team'}) }}

),

summed as (

    select
        level,
        member,
        period_grain,
        {%- for count in counts %}
        cast(sum({{ count }}) as integer) as {{ count }},
        {%- endfor %}
        {%- for amount in amounts %}
        cast(sum({{ amount }}) as decimal(18, 2)) as {{ amount }},
        {%- endfor %}
        bool_or(is_in_office) as is_in_office,
        bool_or(is_told_by_deals) as is_told_by_deals,
        is_reconstructed,
        period_start_date,
        stated_date

    from members

    group by level, member, period_grain, is_reconstructed, period_start_date, stated_date

),

compared as (

    select
        *,
        is_reconstructed or coalesce(sum(case when is_reconstructed then naive_amount end) over (
            partition by level, member, period_grain, period_start_date, stated_date
        ), 0) = 0 as is_naive_whole

    from summed

)

select
    compared.*,
    days.horizon_days,
    days.is_horizon,
    days.is_week_end,
    days.is_period_over,
    days.period_end_date,
    days.year_before_start_date

from compared

inner join days
    on
        compared.period_grain = days.period_grain
        and compared.period_start_date = days.period_start_date
        and compared.stated_date = days.stated_date

where compared.is_in_office
