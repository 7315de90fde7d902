{#
    The rep's team as successive loads of reps tell it, so that the pipeline of a day belongs to the team
    of that day. Before the first load the first one's word is taken; a rep who vanished stays in the last.
#}
with

reps as (

    select
        rep_id,
        team,
        {{ local_date('known_at') }} as told_date,
        load_no

    from {{ ref('int_reps_loaded') }}

    where not is_vanished

),

told as (

    select *

    from reps

    qualify row_number() over (partition by rep_id, told_date order by load_no desc) = 1

),

changed as (

    select
        *,
        row_number() over (partition by rep_id order by told_date) = 1 as is_first

    from told

    qualify
        row_number() over (partition by rep_id order by told_date) = 1
        or team is distinct from lag(team) over (partition by rep_id order by told_date)

)

select
    rep_id,
    team,
    case when is_first then date '0001-01-01' else told_date end as from_date,
    coalesce(lead(told_date) over (partition by rep_id order by told_date), date '9999-12-31') as until_date

from changed
