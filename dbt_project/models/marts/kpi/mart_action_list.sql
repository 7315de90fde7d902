{%- set subjects = ['deals', 'quotes', 'appointments', 'leads', 'fields', 'accounts', 'objectives'] -%}
with

rules as (

    select * from {{ ref('action_rules') }}

),

found as (

    {%- for subject in subjects %}
    select * from {{ ref('int_actions_' ~ subject) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

-- An item is due some days after what it is about; what it is about never moves, so neither does its id.
due as (

    select
        found.action_kind || ':' || found.record_id || ':' || cast(found.event_date as varchar) as action_id,
        coalesce(found.rep_id, 'unassigned') as rep_id,
        found.account_id,
        found.opportunity_id,
        found.action_kind,
        rules.action_label,
        found.record_id,
        rules.measure,
        found.reason,
        cast(found.amount as decimal(18, 2)) as amount,
        rules.priority,
        {{ add_days('found.event_date', 'rules.after_days') }} as first_seen_date,
        rules.within_days

    from found

    inner join rules
        on found.action_kind = rules.action_kind

    where found.event_date is not null

)

select
    action_id,
    rep_id,
    account_id,
    opportunity_id,
    action_kind,
    action_label,
    record_id,
    measure,
    reason,
    amount,
    priority,
    cast(row_number() over (
        partition by rep_id
        order by priority asc, amount desc nulls last, first_seen_date asc, action_id asc
    ) as integer) as position,
    cast({{ calendar_days('first_seen_date', as_of_date()) }} as integer) as open_days,
    first_seen_date

from due

where
    first_seen_date <= {{ as_of_date() }}
    and (within_days is null or first_seen_date > {{ add_days(as_of_date(), '-within_days') }})

order by rep_id, position
