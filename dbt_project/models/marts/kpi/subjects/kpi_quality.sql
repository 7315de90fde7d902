with

period_ends as (

    select distinct date_day

    from {{ ref('int_kpi_periods') }}

    where is_last_day

),

fills as (

    select
        fills.*,
        fills.entity || '.' || fills.field as ruled_field

    from {{ ref('fct_field_fills') }} as fills

    inner join period_ends
        on fills.snapshot_date = period_ends.date_day

),

mended as (

    select
        violations.*,
        violations.entity || '.' || violations.field as ruled_field

    from {{ ref('fct_field_violations') }} as violations

    where violations.resolution = 'filled'

),

-- What hangs on open violations is known of today only: of a deal without any it is 0.
at_risk as (

    select
        records.rep_id,
        case when records.error_count > 0 then records.amount_at_risk else 0 end as amount_at_risk,
        {{ as_of_date() }} as risk_date

    from {{ ref('fct_record_completeness') }} as records

    inner join {{ ref('fct_opportunity_day_states') }} as day_states
        on records.record_id = day_states.opportunity_id

    where
        records.entity = 'opportunities'
        and day_states.state = 'open'
        and day_states.until_date > {{ as_of_date() }}

),

records as (

    select
        *,
        {{ as_of_date() }} as judged_date

    from {{ ref('fct_record_completeness') }}

    where weight_due > 0

),

contacts as (

    select
        *,
        {{ as_of_date() }} as judged_date

    from {{ ref('fct_contact_statuses') }}

    where not is_departed

),

measured as (

    {{ kpi(
        'fill_rate',
        relation='fills',
        day='snapshot_date',
        numerator='filled_count',
        denominator='due_count',
        levels={'field': 'ruled_field', 'rep': 'rep_id'},
        least=var('min_n'),
        observations='due_count',
        kind='stock',
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'open_violations',
        relation='fills',
        day='snapshot_date',
        numerator='missing_count + invalid_count',
        levels={'field': 'ruled_field', 'rep': 'rep_id'},
        observations='due_count',
        kind='stock'
    ) }}

    union all

    {{ kpi(
        'money_at_risk', relation='at_risk', day='risk_date', numerator='amount_at_risk', levels={'rep': 'rep_id'},
        kind='stock'
    ) }}

    union all

    {{ kpi(
        'record_completeness', relation='records', day='judged_date', numerator='weight_filled',
        denominator='weight_due', levels={'rep': 'rep_id', 'entity': 'entity'}, kind='stock'
    ) }}

    union all

    {{ kpi(
        'stale_contact_share',
        relation='contacts',
        day='judged_date',
        numerator='case when is_stale then 1 else 0 end',
        denominator='1',
        levels={'rep': 'rep_id'},
        least=var('min_n'),
        kind='stock',
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'days_until_filled',
        relation='mended',
        day='resolved_date',
        numerator='open_days',
        denominator='1',
        levels={'field': 'ruled_field', 'rep': 'rep_id'}
    ) }}

)

select * from measured
