{#
    A deal is closed when it becomes won or lost, and stays so until it is reopened, put to sleep or turned round. A
    change among stages of one outcome, or a stay in the bin, is no closing of its own.
#}
with

spells as (

    select *

    from {{ ref('int_stage_spells') }}

    where state in ('open', 'dormant', 'won', 'lost')

),

turns as (

    select *

    from spells

    qualify state is distinct from lag(state) over (partition by opportunity_id order by spell_no)

),

dated as (

    select
        opportunity_id,
        state,
        cycle_no,
        is_reconstructed,
        {{ local_date('entered_at') }} as closed_date,
        {{ local_date('lead(entered_at) over (partition by opportunity_id order by spell_no)') }} as reversed_date,
        {{ local_date('greatest(entered_at, told_at)') }} as known_date,
        {{ local_date('lead(greatest(entered_at, told_at)) over (partition by opportunity_id order by spell_no)') }}
            as reversal_known_date,
        entered_at as closed_at

    from turns

)

select *

from dated

where state in ('won', 'lost')
