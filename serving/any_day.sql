-- Table macros of the published file: questions about any day, answered without a row per deal and day.
-- DuckDB binds their tables where they are called: open the file itself, or ATTACH it and USE it.

-- The open pipeline at the local end of a day, one row per opportunity.
create macro main.pipeline_as_of(day) as table
    select
        opportunity_id,
        rep_id,
        stage_id,
        segment_id,
        origin,
        forecast_category,
        amount,
        weighted_amount,
        win_probability,
        is_reconstructed,
        expected_close_date
    from marts.fct_pipeline_intervals
    where
        month_start_date = date_trunc('month', day::date)::date
        and from_date <= day::date
        and until_date > day::date
        and (
            select case
                when day::date <= date_day then true
                else error('pipeline_as_of: ' || day || ' lies after ' || date_day || ', the last day known here')
            end
            from marts.dim_dates where is_as_of_day
        );

-- What lies between the ends of two days, one row per scope (company, team, rep, segment, origin, close_month,
-- close_quarter), member and bucket: start, then what moved, then end. For every member
-- start + moves = end, exactly. What left and what entered is told at the end day's amount; what an amount
-- changed meanwhile is told apart, and apart from it what the plan rates of a new fiscal year did (fx).
create macro main.pipeline_waterfall(from_day, to_day) as table
    with
    known as (
        select case
            when to_day::date > date_day
                then error('pipeline_waterfall: ' || to_day || ' lies after ' || date_day || ', the last day known here')
            when from_day::date > to_day::date
                then error('pipeline_waterfall: ' || from_day || ' lies after ' || to_day)
            else true
        end as is_known
        from marts.dim_dates
        where is_as_of_day
    ),
    start_states as (
        select states.*, reps.team
        from marts.fct_opportunity_day_states as states
        left join marts.dim_reps as reps on states.rep_id = reps.rep_id
        where
            states.from_date <= from_day::date
            and states.until_date > from_day::date
            and (select is_known from known)
    ),
    end_states as (
        select states.*, reps.team
        from marts.fct_opportunity_day_states as states
        left join marts.dim_reps as reps on states.rep_id = reps.rep_id
        where
            states.from_date <= to_day::date
            and states.until_date > to_day::date
            and (select is_known from known)
    ),
    deals as (
        select
            start_states as was,
            end_states as now,
            coalesce(start_states.state = 'open', false) as was_open,
            coalesce(end_states.state = 'open', false) as is_open,
            coalesce(start_states.amount, 0) as start_amount,
            coalesce(end_states.amount, 0) as end_amount,
            case
                when
                    end_states.currency = start_states.currency
                    and end_states.plan_rate is not null
                    and start_states.plan_rate is not null
                    then (coalesce(end_states.amount_doc, 0) * start_states.plan_rate)::decimal(18, 2)
                else coalesce(end_states.amount, 0)
            end as end_amount_at_start_rate
        from start_states
        full join end_states on start_states.opportunity_id = end_states.opportunity_id
        where start_states.state = 'open' or end_states.state = 'open'
    ),
    scopes (scope) as (
        values ('company'), ('team'), ('rep'), ('segment'), ('origin'), ('close_month'), ('close_quarter')
    ),
    seen as (
        select
            deals.*,
            scopes.scope,
            scopes.scope in ('close_month', 'close_quarter') as is_period_scope,
            case when deals.was_open then
                case scopes.scope
                    when 'company' then 'all'
                    when 'team' then coalesce(deals.was.team, 'unknown')
                    when 'rep' then deals.was.rep_id
                    when 'segment' then coalesce(deals.was.segment_id, 'unknown')
                    when 'origin' then deals.was.origin
                    when 'close_month'
                        then coalesce(date_trunc('month', deals.was.expected_close_date)::date::varchar, 'unknown')
                    else coalesce(date_trunc('quarter', deals.was.expected_close_date)::date::varchar, 'unknown')
                end
            end as start_member,
            case when deals.is_open then
                case scopes.scope
                    when 'company' then 'all'
                    when 'team' then coalesce(deals.now.team, 'unknown')
                    when 'rep' then deals.now.rep_id
                    when 'segment' then coalesce(deals.now.segment_id, 'unknown')
                    when 'origin' then deals.now.origin
                    when 'close_month'
                        then coalesce(date_trunc('month', deals.now.expected_close_date)::date::varchar, 'unknown')
                    else coalesce(date_trunc('quarter', deals.now.expected_close_date)::date::varchar, 'unknown')
                end
            end as end_member,
            deals.was.rep_id is distinct from deals.now.rep_id as has_new_rep,
            deals.was.team is distinct from deals.now.team as has_new_team
        from deals
        cross join scopes
    ),
    moves as (
        select scope, start_member as member, 'start' as bucket, 1 as deal_count, start_amount as amount
        from seen
        where was_open
        union all
        select
            scope,
            start_member,
            case when end_amount_at_start_rate > start_amount then 'increased' else 'decreased' end,
            0,
            end_amount_at_start_rate - start_amount
        from seen
        where was_open and end_amount_at_start_rate <> start_amount
        union all
        select scope, start_member, 'fx', 0, end_amount - end_amount_at_start_rate
        from seen
        where was_open and end_amount <> end_amount_at_start_rate
        union all
        -- The first reason that holds: gone, in other hands, closed, in another period or segment.
        select
            scope,
            start_member,
            case
                when now.state in ('deleted', 'merged') then now.state
                when scope = 'rep' and has_new_rep then 'transferred_out'
                when scope = 'team' and has_new_team then 'transferred_out'
                when not is_open then now.state
                when is_period_scope and end_member > start_member then 'pushed_out'
                when is_period_scope then 'pulled_out'
                else 'resegmented_out'
            end,
            -1,
            -end_amount
        from seen
        where was_open and end_member is distinct from start_member
        union all
        select
            scope,
            end_member,
            case
                when was.opportunity_id is null then 'new'
                when was.state in ('deleted', 'merged') then 'restored'
                when scope = 'rep' and has_new_rep then 'transferred_in'
                when scope = 'team' and has_new_team then 'transferred_in'
                when was.state in ('won', 'lost') then 'reopened'
                when is_period_scope and end_member < start_member then 'pulled_in'
                when is_period_scope then 'pushed_in'
                else 'resegmented_in'
            end,
            1,
            end_amount
        from seen
        where is_open and end_member is distinct from start_member
        union all
        select scope, end_member, 'end', 1, end_amount
        from seen
        where is_open
    )
    select
        scope,
        member,
        case bucket when 'start' then 0 when 'end' then 2 else 1 end as step,
        bucket,
        sum(deal_count)::integer as deal_count,
        sum(amount)::decimal(18, 2) as amount
    from moves
    group by scope, member, bucket
    order by scope, member, step, bucket;
