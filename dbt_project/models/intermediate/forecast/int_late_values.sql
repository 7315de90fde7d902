{#
    The last value of each field that was known at the end of a day on which not everything was told. A deal whose
    record had not come by then has no row.
#}
{%- set fields = {
    'rep_id': 'varchar', 'stage_id': 'varchar', 'currency': 'varchar', 'forecast_category': 'varchar',
    'merged_into_id': 'varchar', 'amount_doc': 'decimal(18,2)', 'win_probability': 'decimal(9,6)',
    'is_deleted': 'boolean', 'expected_close_date': 'date',
} -%}
with

late_days as (

    select * from {{ ref('int_late_days') }}

),

changes as (

    select * from {{ ref('int_opportunity_values_changed') }}

),

started as (

    select * from {{ ref('int_opportunity_values_started') }}

),

told as (

    select
        late_days.opportunity_id,
        late_days.stated_date,
        changes.field,
        changes.new_value,
        changes.valid_from

    from late_days

    inner join changes
        on
            late_days.opportunity_id = changes.opportunity_id
            and late_days.stated_until > changes.valid_from
            and late_days.stated_until > changes.told_at

    qualify row_number() over (
        partition by late_days.opportunity_id, late_days.stated_date, changes.field
        order by changes.valid_from desc, changes.sequence desc
    ) = 1

),

pivoted as (

    select
        opportunity_id,
        {%- for field in fields %}
        max(new_value) filter (where field = '{{ field }}') as {{ field }},
        {%- endfor %}
        max(valid_from) filter (where field = 'stage_id') as stage_entered_at,
        max(valid_from) as valid_from,
        stated_date

    from told

    group by opportunity_id, stated_date

)

select
    late_days.opportunity_id,
    {%- for field, data_type in fields.items() %}
    try_cast(nullif(coalesce(pivoted.{{ field }}, started.{{ field }}), '') as {{ data_type }}) as {{ field }},
    {%- endfor %}
    coalesce(pivoted.stage_entered_at, started.valid_from) as stage_entered_at,
    coalesce(pivoted.valid_from, started.valid_from) as valid_from,
    late_days.stated_date

from late_days

inner join started
    on
        late_days.opportunity_id = started.opportunity_id
        and late_days.stated_until > started.valid_from
        and late_days.stated_until > started.told_at

left outer join pivoted
    on
        late_days.opportunity_id = pivoted.opportunity_id
        and late_days.stated_date = pivoted.stated_date
