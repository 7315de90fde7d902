{#
    The version that holds at a day's end is the last one of that day. One that changes nothing of how
    the deal stands, or takes back on the same day what changed, begins no run. A run is cut where its
    rep changes team.
#}
{%- set standing = [
    'rep_id', 'stage_id', 'segment_id', 'state', 'currency', 'forecast_category', 'amount_doc', 'win_probability',
    'is_reconstructed', 'expected_close_date',
] -%}
with

versions as (

    select * from {{ ref('fct_opportunity_versions') }}

),

seen as (

    select *

    from versions

    where valid_from_date is distinct from valid_to_date

),

begun as (

    select *

    from seen

    qualify
        row_number() over (partition by opportunity_id order by valid_from) = 1
        {%- for column in standing %}
        or {{ column }} is distinct from lag({{ column }}) over (partition by opportunity_id order by valid_from)
        {%- endfor %}

),

runs as (

    select
        *,
        valid_from_date as from_date,
        coalesce(
            lead(valid_from_date) over (partition by opportunity_id order by valid_from),
            {{ add_days(as_of_date(), 1) }}
        ) as until_date

    from begun

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

)

select
    runs.opportunity_id,
    {%- for column in standing %}
    runs.{{ column }},
    {%- endfor %}
    teams.team,
    greatest(runs.from_date, coalesce(teams.from_date, runs.from_date)) as from_date,
    least(runs.until_date, coalesce(teams.until_date, runs.until_date)) as until_date

from runs

left outer join teams
    on
        runs.rep_id = teams.rep_id
        and runs.from_date < teams.until_date
        and runs.until_date > teams.from_date
