select
    stage_id,
    stage_label,
    position as stage_position,
    default_probability,
    expected_days,
    is_closed,
    is_won,
    is_dormant,
    is_unqualified

from {{ ref('stages') }}

order by position
