with

spells as (

    select * from {{ ref('int_stage_spells') }}

),

stages as (

    select * from {{ ref('stages') }}

),

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

),

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

visits as (

    select
        spells.opportunity_id || '-' || cast(spells.spell_no as varchar) as stage_visit_id,
        spells.*,
        row_number() over (
            partition by spells.opportunity_id, spells.cycle_no, spells.stage_id
            order by spells.spell_no
        ) as visit_no,
        {{ elapsed_microseconds('spells.entered_at', 'coalesce(spells.left_at, ' ~ as_of_at() ~ ')') }} as microseconds,
        {{ days_of('microseconds') }} as days,
        coalesce(
            {{ stage_transition('previous_state', 'previous_position', 'state', 'stage_position') }}, 'create'
        ) as entry,
        {{ stage_transition('state', 'stage_position', 'next_state', 'next_position') }} as transition

    from spells

    where spells.state = 'open'

),

dated as (

    select
        *,
        {{ local_date('entered_at') }} as entered_date,
        {{ local_date('left_at') }} as left_date,
        {{ days_of('sum(microseconds) over (partition by opportunity_id, stage_id)') }} as cumulative_days,
        row_number() over latest_first = 1 as is_latest,
        first_value(days) over latest_first as latest_days

    from visits

    window latest_first as (partition by opportunity_id, stage_id order by spell_no desc)

)

select
    dated.stage_visit_id,
    dated.opportunity_id,
    dated.rep_id,
    dated.stage_id,
    dated.previous_stage_id,
    dated.next_stage_id,
    dated.segment_id,
    accounts.segment_id as segment_id_current,
    dated.entry,
    dated.transition,
    dated.cycle_no,
    cast(dated.visit_no as integer) as visit_no,
    dated.stage_position,
    dated.days,
    dated.latest_days,
    dated.cumulative_days,
    left_days.working_day_number - entered_days.working_day_number as working_days,
    stages.expected_days,
    dated.left_at is null as is_open,
    coalesce(dated.days > stages.expected_days, false) as is_overstay,
    dated.is_latest,
    dated.is_reconstructed,
    dated.entered_date,
    dated.left_date,
    dated.entered_at,
    dated.left_at

from dated

inner join opportunities
    on dated.opportunity_id = opportunities.opportunity_id

left outer join accounts
    on opportunities.account_id = accounts.account_id

left outer join stages
    on dated.stage_id = stages.stage_id

left outer join dates as entered_days
    on dated.entered_date = entered_days.date_day

left outer join dates as left_days
    on coalesce(dated.left_date, {{ as_of_date() }}) = left_days.date_day

order by dated.opportunity_id, dated.entered_at
