{# Where a KPI comes from: macros/kpi_sources.sql. #}
with

kpis as (

    select * from {{ ref('kpis') }}

),

sources as (

    {%- for kpi_id, (mart, columns, caveat) in kpi_sources().items() %}
    select
        '{{ kpi_id }}' as kpi_id,
        '{{ mart }}' as mart,
        '{{ columns }}' as mart_columns,
        '{{ caveat }}' as caveat
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    kpis.kpi_id,
    kpis.label_en,
    kpis.label_fr,
    kpis.formula,
    kpis.unit,
    kpis.good_direction,
    kpis.owner,
    sources.mart,
    sources.mart_columns,
    sources.caveat,
    kpis.warn_at,
    kpis.alert_at

from kpis

left outer join sources
    on kpis.kpi_id = sources.kpi_id

order by kpis.kpi_id
