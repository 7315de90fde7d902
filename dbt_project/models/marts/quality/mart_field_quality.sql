with

rules as (

    select * from {{ ref('mandatory_fields') }}

),

states as (

    select * from {{ ref('int_field_states') }}

),

violations as (

    select * from {{ ref('fct_field_violations') }}

),

filling_times as (

    select * from {{ ref('int_filling_times_estimated') }}

),

counted as (

    select
        rule_id,
        count(case when status <> 'not_yet_due' then 1 end) as due_count,
        count(case when status = 'filled' then 1 end) as filled_count,
        count(case when status in ('missing', 'placeholder') then 1 end) as missing_count,
        count(case when status = 'invalid' then 1 end) as invalid_count,
        count(case when status = 'waived' then 1 end) as waived_count,
        count(case when status = 'not_yet_due' then 1 end) as not_yet_due_count

    from states

    group by rule_id

),

lived as (

    select
        rule_id,
        count(case when is_open then 1 end) as open_count,
        count(case when resolution = 'filled' then 1 end) as filled_later_count,
        sum(amount_at_risk) as money_at_risk,
        min(case when is_open then first_seen_date end) as oldest_open_date

    from violations

    group by rule_id

)

select
    rules.rule_id,
    rules.entity,
    rules.field,
    rules.severity,
    rules.accountable,
    rules.owner,
    rules.reason,
    {%- for count in ['due', 'filled', 'missing', 'invalid', 'waived', 'not_yet_due'] %}
    cast(coalesce(counted.{{ count }}_count, 0) as integer) as {{ count }}_count,
    {%- endfor %}
    {{ safe_divide('counted.filled_count', 'counted.due_count') }} as fill_rate,
    cast(coalesce(lived.open_count, 0) as integer) as open_violations_count,
    cast(coalesce(lived.filled_later_count, 0) as integer) as filled_later_count,
    cast(filling_times.median_days as double) as days_until_filled,
    cast(lived.money_at_risk as decimal(18, 2)) as money_at_risk,
    lived.oldest_open_date

from rules

left outer join counted
    on rules.rule_id = counted.rule_id

left outer join lived
    on rules.rule_id = lived.rule_id

left outer join filling_times
    on rules.rule_id = filling_times.rule_id

order by rules.rule_id
