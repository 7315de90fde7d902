{#
    One row per version of an opportunity that is won, with the day of the win. A deal that is
    reopened stops being won on that day; won again, it counts from the new day.
#}
with

versions as (

    select * from {{ ref('fct_opportunity_versions') }}

),

spells as (

    select * from {{ ref('int_stage_spells') }}

)

select
    versions.opportunity_id,
    versions.rep_id,
    versions.amount,
    versions.is_stage_reconstructed or versions.is_amount_reconstructed as is_reconstructed,
    {{ local_date('spells.entered_at') }} as won_date,
    versions.valid_from_date,
    versions.valid_to_date

from versions

inner join spells
    on
        versions.opportunity_id = spells.opportunity_id
        and versions.valid_from >= spells.entered_at
        and coalesce(versions.valid_from < spells.left_at, true)

where versions.state = 'won' and spells.state = 'won'
