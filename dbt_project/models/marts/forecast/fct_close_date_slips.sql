{#
    What did not close yet slips at least until as_of, and what is binned or merged at least until then: lower
    bounds (is_censored), never dropped. What was restored is followed as if it had never been away. What a deal without
    a log had stated nobody knows, so neither how far it slipped nor how often it was put off.
#}
with

judged as (

    select *

    from {{ ref('int_deals_judged') }}

    where horizon_days > 0

),

moves as (

    select * from {{ ref('fct_close_date_moves') }}

),

followed as (

    select
        *,
        coalesce(first_state, case when gone_date is not null then 'gone' else 'open' end) as outcome,
        coalesce(first_closed_date, gone_date, {{ as_of_date() }}) as followed_until_date

    from judged

),

moved as (

    select
        followed.opportunity_id,
        followed.horizon_days,
        followed.stated_date,
        count(case when moves.direction = 'push' then 1 end) as push_count,
        count(case when moves.direction = 'pull' then 1 end) as pull_count

    from followed

    inner join moves
        on
            followed.opportunity_id = moves.opportunity_id
            and followed.stated_date < moves.moved_date
            and followed.followed_until_date >= moves.moved_date

    group by followed.opportunity_id, followed.horizon_days, followed.stated_date

)

select
    followed.opportunity_id,
    followed.rep_id,
    followed.stage_id,
    followed.team,
    followed.outcome,
    followed.horizon_days,
    case
        when not followed.is_reconstructed
            then cast({{ calendar_days('followed.expected_close_date', 'followed.followed_until_date') }} as integer)
    end as slip_days,
    {%- for direction in ['push', 'pull'] %}
    case when not followed.is_reconstructed then cast(coalesce(moved.{{ direction }}_count, 0) as integer) end
        as {{ direction }}_count,
    {%- endfor %}
    followed.outcome in ('open', 'gone') as is_censored,
    followed.is_reconstructed,
    followed.stated_date,
    followed.expected_close_date as stated_close_date,
    followed.first_closed_date as closed_date

from followed

left outer join moved
    on
        followed.opportunity_id = moved.opportunity_id
        and followed.horizon_days = moved.horizon_days
        and followed.stated_date = moved.stated_date

order by followed.stated_date, followed.opportunity_id, followed.horizon_days
