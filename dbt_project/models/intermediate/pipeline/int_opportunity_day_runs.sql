{#
    The version that holds at a day's end is the last one of that day. One that changes nothing of how
    the deal stands, or takes back on the same day what changed, begins no run.
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

)

select
    opportunity_id,
    {%- for column in standing %}
    {{ column }},
    {%- endfor %}
    valid_from_date as from_date,
    coalesce(
        lead(valid_from_date) over (partition by opportunity_id order by valid_from),
        {{ add_days(as_of_date(), 1) }}
    ) as until_date

from begun
