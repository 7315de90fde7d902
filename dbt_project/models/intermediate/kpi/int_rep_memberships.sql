{#
    What each rep counts for, and when: for himself, for his team of the day and for the company. What has no rep, or
    one that no source knows, counts for the company alone.
#}
with

reps as (

    select * from {{ ref('dim_reps') }}

),

rep_teams as (

    select * from {{ ref('int_rep_teams_dated') }}

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
        rep_id as member,
        date '0001-01-01' as from_date,
        date '9999-12-31' as until_date

    from reps

    union all

    select
        rep_id,
        'team' as level,
        team as member,
        from_date,
        until_date

    from rep_teams

    where team is not null

    union all

    select
        rep_id,
        'company' as level,
        'all' as member,
        date '0001-01-01' as from_date,
        date '9999-12-31' as until_date

    from counted

    where rep_id is not null

)

select * from memberships
