{# One kind of step of fct_pipeline_movements: which changes it concerns, which cell it moves, by how much. #}
{% macro movement_step(name, when, bucket, amount, count, hands, close, segment) -%}
    -- {{ name }}
    select
        opportunity_id,
        {{ bucket }} as bucket,
        {{ hands }}rep_id as rep_id,
        {{ hands }}team as team,
        {{ segment }} as segment_id,
        origin,
        {{ count }} as deal_count,
        {{ amount }} as amount,
        {{ close }}close_month_date as close_month_date,
        {{ close }}close_quarter_date as close_quarter_date,
        movement_date

    from changes

    where {{ when }}
{%- endmacro %}
