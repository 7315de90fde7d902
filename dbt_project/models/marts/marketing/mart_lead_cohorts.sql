{#
    What becomes of leads that came in together, so many days after each came in. Only leads that are so old count, or the
    youngest cohorts would look the worst. Some are qualified after they became an opportunity: the earlier of the two counts,
    and least() passes over NULL, in Spark as in DuckDB.
#}
with

leads as (

    select
        *,
        coalesce(fit, 'unknown') as known_fit,
        {{ elapsed_days('created_at', as_of_at()) }} as age_days,
        cast(date_trunc('week', created_date) as date) as created_week_date

    from {{ ref('fct_leads') }}

),

horizons as (

    {%- for days in [30, 60, 90, 180] %}
    select {{ days }} as horizon_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        leads.origin,
        leads.known_fit as fit,
        horizons.horizon_days,
        count(*) as lead_count,
        count(case when leads.age_days >= horizons.horizon_days then 1 end) as mature_count,
        {%- for name, days in {
            'qualified': 'least(days_to_qualify, days_to_convert)', 'opportunity': 'days_to_convert', 'won': 'days_to_win'
        }.items() %}
        count(case
            when leads.age_days >= horizons.horizon_days and {{ days }} <= horizons.horizon_days then 1
        end) as {{ name }}_count,
        {%- endfor %}
        leads.created_week_date

    from leads

    cross join horizons

    group by leads.origin, leads.known_fit, horizons.horizon_days, leads.created_week_date

)

select
    origin,
    fit,
    horizon_days,
    lead_count,
    mature_count,
    qualified_count,
    opportunity_count,
    won_count,
    {{ judged_rate('qualified_count', 'mature_count') }} as qualified_rate,
    {{ judged_rate('opportunity_count', 'mature_count') }} as opportunity_rate,
    {{ judged_rate('won_count', 'mature_count') }} as won_rate,
    created_week_date

from counted

order by created_week_date, origin, fit, horizon_days
