with

united as (

    {%- for subject in [
        'opportunities', 'pipeline', 'revenue', 'activity', 'marketing', 'quality', 'forecast', 'objectives',
    ] %}
    select * from {{ ref('kpi_' ~ subject) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    kpi_id,
    period_grain,
    level,
    member,
    numerator,
    denominator,
    value,
    n,
    period_start_date

from united

order by kpi_id, level, period_start_date, member
