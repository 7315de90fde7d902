{# One kind of step of fct_pipeline_movements: which changes it concerns, which cell it moves, by how much. #}
{% macro movement_step(name, when, bucket, amount, count, rep, close_month, segment) -%}
    -- {{ name }}
    select
        opportunity_id,
        {{ bucket }} as bucket,
        {{ rep }} as rep_id,
        {{ segment }} as segment_id,
        origin,
        {{ count }} as deal_count,
        {{ amount }} as amount,
        {{ close_month }} as close_month_date,
        movement_date

    from changes

    where {{ when }}
{%- endmacro %}
