{#
    A lead has 30 days to be qualified, 90 to become an opportunity and 180 to be won; once routed over the threshold, 90
    to convert. Younger ones are not judged yet. Some are qualified after they became an opportunity: the earlier of the two
    counts, and least() passes over NULL, in Spark as in DuckDB.
#}
{%- set sources = {'origin': 'origin', 'rep': 'rep_id'} -%}
{%- set age = elapsed_days('created_at', as_of_at()) -%}
{%- set is_judged = 'is_over_threshold and ' ~ elapsed_days('scored_at', as_of_at()) ~ ' >= 90' -%}
with

leads as (

    select * from {{ ref('fct_leads') }}

),

routed as (

    select
        *,
        {{ local_date('scored_at') }} as routed_date

    from {{ ref('fct_lead_scores') }}

    where is_frozen

),

to_route as (

    select
        *,
        {{ as_of_date() }} as judged_date

    from {{ ref('fct_lead_scores') }}

    where is_over_threshold and not is_frozen

),

measured as (

    {{ kpi(
        'lead_conversion',
        relation='leads',
        day='created_date',
        numerator='case when is_converted then 1 else 0 end',
        denominator='1',
        levels={'origin': 'origin', 'campaign': 'campaign_id', 'rep': 'rep_id'},
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'on_target_share',
        relation='leads',
        day='created_date',
        numerator="case fit when 'target' then 1 when 'off_target' then 0 end",
        denominator='case when fit is not null then 1 end',
        levels={'origin': 'origin', 'campaign': 'campaign_id', 'rep': 'rep_id'},
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {%- for kpi_id, days, horizon in [
        ('lead_qualified_rate', 'least(days_to_qualify, days_to_convert)', 30),
        ('lead_opportunity_rate', 'days_to_convert', 90),
        ('lead_win_rate', 'days_to_win', 180),
    ] %}

    {{ kpi(
        kpi_id,
        relation='leads',
        day='created_date',
        numerator='case when ' ~ age ~ ' >= ' ~ horizon ~ ' then case when ' ~ days ~ ' <= ' ~ horizon ~ ' then 1 else 0 end end',
        denominator='case when ' ~ age ~ ' >= ' ~ horizon ~ ' then 1 end',
        levels=sources,
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all
    {%- endfor %}

    {{ kpi(
        'hours_to_route', relation='routed', day='routed_date', numerator='hours_to_route', denominator='1',
        levels={'rep': 'rep_id'}
    ) }}

    union all

    {{ kpi(
        'lead_score_precision',
        relation='routed',
        day='routed_date',
        numerator='case when ' ~ is_judged ~ ' then case when is_converted then 1 else 0 end end',
        denominator='case when ' ~ is_judged ~ ' then 1 end',
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi('leads_to_route', relation='to_route', day='judged_date', numerator='1', kind='stock') }}

)

select * from measured
