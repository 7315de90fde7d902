{#
    Objectives of each scheme by rep, criterion and period: months first, then quarters and years as the sums of
    their months. Targets of rates are not added up but averaged. The collective figure is that of the team of the
    period's last day, or of the company. A month that has not begun is not asked for yet.
#}
{%- set periods = {'month': 'month_start_date', 'quarter': 'quarter_start_date', 'fiscal_year': 'year_start_date'} -%}
with

monthly as (

    select *

    from {{ ref('int_objectives_monthly') }}

    where month_start_date <= {{ as_of_date() }}

),

schemes as (

    select * from {{ ref('objective_schemes') }}

),

rep_teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

ends as (

    {%- for grain, start in periods.items() %}
    select
        '{{ grain }}' as period_grain,
        fiscal_{{ start }} as period_start_date,
        max(date_day) as period_end_date

    from {{ ref('dim_dates') }}

    group by fiscal_{{ start }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

summed as (

    {%- for grain, start in periods.items() %}
    select
        scheme_id,
        rep_id,
        criterion,
        '{{ grain }}' as period_grain,
        is_rate,
        has_data,
        avg(weight) as weight,
        case when is_rate then avg(target) else sum(target) end as target,
        case when is_rate then avg(target_to_date) else sum(target_to_date) end as target_to_date,
        sum(reached) as reached,
        sum(reached_of) as reached_of,
        {{ start }} as period_start_date

    from monthly

    group by scheme_id, rep_id, criterion, is_rate, has_data, {{ start }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

teamed as (

    select
        summed.*,
        schemes.kind,
        schemes.measure,
        schemes.minimum,
        schemes.cap,
        schemes.collective_minimum,
        rep_teams.team,
        -- Who has no team is alone with the threshold of a team.
        case schemes.collective_scope
            when 'company' then 'all' when 'team' then coalesce(rep_teams.team, summed.rep_id)
        end as collective,
        summed.has_data and summed.target_to_date is not null as is_judged,
        ends.period_end_date

    from summed

    inner join schemes
        on summed.scheme_id = schemes.scheme_id and summed.criterion = schemes.criterion

    inner join ends
        on summed.period_grain = ends.period_grain and summed.period_start_date = ends.period_start_date

    left outer join rep_teams
        on
            summed.rep_id = rep_teams.rep_id
            and least(ends.period_end_date, {{ as_of_date() }}) >= rep_teams.from_date
            and least(ends.period_end_date, {{ as_of_date() }}) < rep_teams.until_date

)

select
    scheme_id,
    rep_id,
    criterion,
    period_grain,
    team,
    kind,
    measure,
    cast(weight as double) as stated_weight,
    minimum,
    cap,
    collective_minimum,
    cast(target as decimal(18, 4)) as target,
    cast(target_to_date as decimal(18, 4)) as target_to_date,
    reached,
    reached_of,
    case
        when is_judged and is_rate then {{ safe_divide(share_of_positive('reached', 'reached_of'), 'target_to_date') }}
        when is_judged then {{ safe_divide('reached', 'target_to_date') }}
    end as attainment,
    case
        when collective is null or not is_judged then null
        when is_rate then {{ safe_divide(
            share_of_positive('sum(reached) over peers', 'sum(reached_of) over peers'), 'avg(target_to_date) over peers'
        ) }}
        else {{ safe_divide('sum(reached) over peers', 'sum(target_to_date) over peers') }}
    end as collective_attainment,
    has_data,
    period_end_date <= {{ as_of_date() }} as is_over,
    period_start_date,
    period_end_date

from teamed

window peers as (partition by scheme_id, criterion, period_grain, period_start_date, collective)
