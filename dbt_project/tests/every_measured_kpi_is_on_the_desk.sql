{{ config(meta={"dagster": {"ref": {"name": "kpi_values"}}}) }}
-- A figure that nobody can read, because it has no label, no unit and no owner.
select distinct kpi_values.kpi_id

from {{ ref('kpi_values') }} as kpi_values

left outer join {{ ref('kpis') }} as kpis
    on kpi_values.kpi_id = kpis.kpi_id

where kpis.kpi_id is null
