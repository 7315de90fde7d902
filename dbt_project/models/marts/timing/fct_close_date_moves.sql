{#
    Between two versions in both of which the deal is open. A source that sets the date when a deal is
    closed moves nothing here, and a date that was empty in between is compared with the one before.
#}
with

versions as (

    select *

    from {{ ref('fct_opportunity_versions') }}

    where expected_close_date is not null or state <> 'open'

),

followed as (

    select
        *,
        lag(state) over so_far as previous_state,
        lag(expected_close_date) over so_far as from_close_date

    from versions

    window so_far as (partition by opportunity_id order by version_no)

),

moves as (

    select
        *,
        cast(row_number() over (partition by opportunity_id order by version_no) as integer) as move_no,
        cast({{ calendar_days('from_close_date', 'expected_close_date') }} as integer) as moved_days

    from followed

    where
        state = 'open'
        and previous_state = 'open'
        and expected_close_date <> from_close_date

)

select
    opportunity_id,
    coalesce(rep_id, 'unassigned') as rep_id,
    stage_id,
    segment_id,
    case when moved_days > 0 then 'push' else 'pull' end as direction,
    move_no,
    moved_days,
    from_close_date < valid_from_date as is_after_the_fact,
    is_close_date_reconstructed as is_reconstructed,
    valid_from_date as moved_date,
    from_close_date,
    expected_close_date as to_close_date,
    valid_from as moved_at

from moves

order by opportunity_id, move_no
