{#
    The factors of the calibrated probability, joined to a relation of deals by what was known before the
    month. Columns: those of the relation, and the four below. A deal in a stage without a rate has none.

    relation: a CTE with opportunity_id, rep_id, stage_id, days_in_stage, stated_date, month_start_date.
#}
{% macro deal_factors(relation) -%}
    select
        {{ relation }}.*,
        stage_fits.stage_rate,
        coalesce(overstay_fits.overstay_factor, 1) as overstay_factor,
        coalesce(rep_fits.rep_factor, 1) as rep_factor,
        -- Without a rate there is no chance to tell: least() alone would say 1.
        case
            when stage_fits.stage_rate is not null then least(
                1, stage_fits.stage_rate * coalesce(overstay_fits.overstay_factor, 1) * coalesce(rep_fits.rep_factor, 1)
            )
        end as calibrated_probability,
        stage_fits.resolved_count as stage_case_count,
        coalesce(overstay_fits.still_count, 0) as overstay_case_count,
        coalesce(rep_fits.resolved_count, 0) as rep_case_count

    from {{ relation }}

    left outer join {{ ref('int_stage_fits') }} as stage_fits
        on
            {{ relation }}.stage_id = stage_fits.stage_id
            and {{ relation }}.month_start_date = stage_fits.month_start_date

    left outer join {{ ref('int_rep_fits') }} as rep_fits
        on
            {{ relation }}.rep_id = rep_fits.rep_id
            and {{ relation }}.month_start_date = rep_fits.month_start_date

    left outer join {{ ref('int_overstay_fits') }} as overstay_fits
        on
            {{ relation }}.stage_id = overstay_fits.stage_id
            and {{ relation }}.month_start_date = overstay_fits.month_start_date
            and {{ relation }}.days_in_stage > overstay_fits.age_days

    qualify row_number() over (
        partition by {{ relation }}.opportunity_id, {{ relation }}.stated_date
        order by overstay_fits.age_multiple desc nulls last
    ) = 1
{%- endmacro %}
