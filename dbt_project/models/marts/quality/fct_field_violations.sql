{#
    One interval while a field is missing or invalid without a break, however its value, its rep or its
    stage change meanwhile. What follows it says how it ended.
#}
with

statuses as (

    select * from {{ ref('int_field_statuses') }}

),

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

),

records as (

    select * from {{ ref('int_ruled_records') }}

),

faults as (

    select
        *,
        case
            when valid_from = lag(valid_to) over (partition by rule_id, record_id order by valid_from) then 0
            else 1
        end as begins

    from statuses

    where status in ('missing', 'placeholder', 'invalid')

),

numbered as (

    select
        *,
        sum(begins) over (
            partition by rule_id, record_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as violation_no

    from faults

),

intervals as (

    select
        rule_id,
        record_id,
        min_by(rep_id, valid_from) as rep_id,
        max_by(stage_id, valid_from) as stage_id,
        max_by(value_class, valid_from) as value_class,
        cast(violation_no - 1 as integer) as reopened_n,
        bool_or(is_current) as is_open,
        min(valid_from) as first_seen_at,
        case when not bool_or(is_current) then max(valid_to) end as resolved_at

    from numbered

    group by rule_id, record_id, violation_no

)

select
    md5(intervals.rule_id || '|' || intervals.record_id || '|' || cast(intervals.reopened_n as varchar))
        as violation_id,
    intervals.rule_id,
    rules.entity,
    intervals.record_id,
    rules.field,
    intervals.rep_id,
    records.rep_id as rep_id_current,
    intervals.stage_id,
    rules.severity,
    rules.accountable,
    rules.owner,
    intervals.value_class,
    case
        when intervals.is_open then null
        when followers.status in ('filled', 'waived', 'gone') then followers.status
        else 'not_due'
    end as resolution,
    intervals.reopened_n,
    {{ elapsed_days('intervals.first_seen_at', 'coalesce(intervals.resolved_at, ' ~ as_of_at() ~ ')') }} as open_days,
    case when intervals.is_open then cast(records.open_amount as decimal(18, 2)) end as amount_at_risk,
    intervals.is_open,
    {{ local_date('intervals.first_seen_at') }} as first_seen_date,
    {{ local_date('intervals.resolved_at') }} as resolved_date,
    intervals.first_seen_at,
    coalesce(intervals.resolved_at, {{ as_of_at() }}) as last_seen_at,
    intervals.resolved_at

from intervals

inner join rules
    on intervals.rule_id = rules.rule_id

inner join records
    on
        rules.entity = records.entity
        and intervals.record_id = records.record_id

left outer join statuses as followers
    on
        intervals.rule_id = followers.rule_id
        and intervals.record_id = followers.record_id
        and intervals.resolved_at = followers.valid_from

order by rules.entity, rules.field, intervals.record_id, intervals.first_seen_at
