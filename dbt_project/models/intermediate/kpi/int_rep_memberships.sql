{#
    What each rep counts for: for himself, for his team of today and for the company. What has no rep,
    or one that no source knows, counts for the company alone.
#}
with

reps as (

    select * from {{ ref('dim_reps') }}

),

counted as (

    select rep_id from reps
    union
    select rep_id from {{ ref('int_rep_days') }}
    union
    select rep_id from {{ ref('int_targets_conformed') }}

),

memberships as (

    select
        rep_id,
        'rep' as level,
        rep_id as member

    from reps

    union all

    select
        rep_id,
        'team' as level,
        team as member

    from reps

    where team is not null

    union all

    select
        rep_id,
        'company' as level,
        'all' as member

    from counted

    where rep_id is not null

)

select * from memberships
