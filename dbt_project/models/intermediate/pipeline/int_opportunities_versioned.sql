{# Inferred is what no log tells and no load has shown yet, field by field: a log of amounts makes no stage known. #}
{%- set fields = versioned_fields() -%}
{%- set so_far = 'partition by settled.opportunity_id order by settled.valid_from' -%}
{%- set witnessed = {
    'stage': 'is_stage_reconstructed',
    'amount': 'is_amount_reconstructed',
    'close_date': 'is_close_date_reconstructed',
} -%}
with

changed_values as (

    select * from {{ ref('int_opportunity_values_changed') }}

    where valid_from < {{ as_of_at() }}

),

started as (

    select * from {{ ref('int_opportunity_values_started') }}

),

witnesses as (

    select * from {{ ref('int_opportunities_witnessed') }}

),

stages as (

    select * from {{ ref('stages') }}

),

united as (

    select opportunity_id, field, new_value, sequence, known_at, told_at, valid_from from changed_values
    union all
    select opportunity_id, null as field, null as new_value, null as sequence, known_at, told_at, valid_from
    from started

),

-- Of several changes at one instant the last one counts: a version never has zero length.
settled as (

    select
        opportunity_id,
        {%- for field in fields %}
        max_by(new_value, sequence) filter (where field = '{{ field }}') as {{ field }},
        {%- endfor %}
        max(known_at) as known_at,
        max(told_at) as told_at,
        valid_from

    from united

    group by opportunity_id, valid_from

),

-- Typed before they are compared: 1000.00 is 1000. What cannot be read is none (every_change_in_the_log_can_be_read).
typed as (

    select
        settled.opportunity_id,
        {%- for field, data_type in fields.items() %}
        {%- set told = last_known('settled.' ~ field, so_far) %}
        try_cast(nullif(coalesce({{ told }}, started.{{ field }}), '') as {{ data_type }}) as {{ field }},
        {%- endfor %}
        settled.known_at,
        max(settled.told_at) over ({{ so_far }}) as told_at,
        settled.valid_from

    from settled

    inner join started
        on settled.opportunity_id = started.opportunity_id

),

changed as (

    select *

    from typed

    qualify
        row_number() over (partition by opportunity_id order by valid_from) = 1
        {%- for field in fields %}
        or {{ field }} is distinct from lag({{ field }}) over (partition by opportunity_id order by valid_from)
        {%- endfor %}

),

numbered as (

    select
        *,
        cast(row_number() over (partition by opportunity_id order by valid_from) as integer) as version_no,
        lead(valid_from) over (partition by opportunity_id order by valid_from) as valid_to

    from changed

),

dated as (

    select
        numbered.*,
        {%- for field, flag in witnessed.items() %}
        not witnesses.has_{{ field }}_log and numbered.valid_from < witnesses.first_known_at as {{ flag }},
        {%- endfor %}
        numbered.valid_to is null as is_current

    from numbered

    inner join witnesses
        on numbered.opportunity_id = witnesses.opportunity_id

)

select
    dated.*,
    case
        when dated.merged_into_id is not null then 'merged'
        when coalesce(dated.is_deleted, false) then 'deleted'
        when stages.is_won then 'won'
        when stages.is_closed then 'lost'
        when stages.is_dormant then 'dormant'
        when not stages.is_closed then 'open'
    end as state,
    stages.position as stage_position,
    {{ witnessed.values() | join(' or ') }} as is_reconstructed

from dated

left outer join stages
    on dated.stage_id = stages.stage_id
