{{ config(meta={"dagster": {"ref": {"name": "kpi_values"}}}) }}
-- A KPI that business defined and nobody computes. A KPI without data does have a row: see macros/kpi.sql.
select kpis.kpi_id

from {{ ref('kpis') }} as kpis

left outer join {{ ref('kpi_values') }} as kpi_values
    on kpis.kpi_id = kpi_values.kpi_id

where kpi_values.kpi_id is null
