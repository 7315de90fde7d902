{#
    A deal at the end of a day on which not everything was told: the last value of each field that was known by then.
    One of which nothing was known yet has no row.
#}
{%- set fields = {
    'rep_id': 'varchar', 'stage_id': 'varchar', 'currency': 'varchar', 'forecast_category': 'varchar',
    'merged_into_id': 'varchar', 'amount_doc': 'decimal(18,2)', 'win_probability': 'decimal(9,6)',
    'is_deleted': 'boolean', 'expected_close_date': 'date',
} -%}
{%- set columns = 'opportunity_id, field, new_value, sequence, valid_from, told_at' -%}
with

late_days as (

    select * from {{ ref('int_late_days') }}

),

told as (

    select {{ columns }} from {{ ref('int_opportunity_values_changed') }}
    union all
    select {{ columns }} from {{ ref('int_opportunity_values_started') }}

),

witnesses as (

    select * from {{ ref('int_opportunities_witnessed') }}

),

stages as (

    select * from {{ ref('stages') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

known as (

    select
        late_days.opportunity_id,
        late_days.stated_date,
        told.field,
        nullif(told.new_value, '') as field_value,
        told.valid_from

    from late_days

    inner join told
        on
            late_days.opportunity_id = told.opportunity_id
            and late_days.stated_until > told.valid_from
            and late_days.stated_until > told.told_at

    qualify row_number() over (
        partition by late_days.opportunity_id, late_days.stated_date, told.field
        order by told.valid_from desc, told.sequence desc
    ) = 1

),

pivoted as (

    select
        opportunity_id,
        {%- for field, data_type in fields.items() %}
        try_cast(max(field_value) filter (where field = '{{ field }}') as {{ data_type }}) as {{ field }},
        {%- endfor %}
        max(valid_from) filter (where field = 'stage_id') as stage_entered_at,
        {{ local_date('max(valid_from)') }} as from_date,
        max(valid_from) as valid_from,
        stated_date

    from known

    group by opportunity_id, stated_date

),

stated as (

    select
        pivoted.*,
        case
            when pivoted.merged_into_id is not null then 'merged'
            when coalesce(pivoted.is_deleted, false) then 'deleted'
            when stages.is_won then 'won'
            when not stages.is_closed and not coalesce(stages.is_dormant, false) then 'open'
        end as state,
        -- An open deal is valued at the rate of the day, a won one at that of its last change.
        case when stages.is_won then pivoted.from_date else pivoted.stated_date end as valued_date

    from pivoted

    left outer join stages
        on pivoted.stage_id = stages.stage_id

)

select
    stated.opportunity_id,
    coalesce(stated.rep_id, 'unassigned') as rep_id,
    stated.stage_id,
    stated.state,
    stated.forecast_category,
    {{ plan_amount('stated.amount_doc', 'stated.currency', 'plan_rates.rate', scale=2) }} as amount,
    stated.win_probability,
    not (witnesses.has_stage_log and witnesses.has_amount_log and witnesses.has_close_date_log)
    and stated.valid_from < witnesses.first_known_at as is_reconstructed,
    not (witnesses.has_stage_log and witnesses.has_amount_log)
    and stated.valid_from < witnesses.first_known_at as is_win_reconstructed,
    stated.expected_close_date,
    {{ local_date('stated.stage_entered_at') }} as stage_entered_date,
    stated.stated_date,
    stated.stage_entered_at

from stated

inner join witnesses
    on stated.opportunity_id = witnesses.opportunity_id

left outer join plan_rates
    on
        stated.currency = plan_rates.currency
        and {{ fiscal_year('stated.valued_date') }} = plan_rates.fiscal_year

where stated.state in ('open', 'won')
