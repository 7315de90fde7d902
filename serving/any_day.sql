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
        currency,
        amount_doc,
        amount,
        weighted_amount,
        plan_rate,
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
-- Both ends are read from their months; only of a deal that is open at one of them is the other end looked up.
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
    start_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', from_day::date)::date
            and from_date <= from_day::date
            and until_date > from_day::date
            and (select is_known from known)
    ),
    end_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', to_day::date)::date
            and from_date <= to_day::date
            and until_date > to_day::date
            and (select is_known from known)
    ),
    -- What is no longer open at the end became so within the window, and what was not yet open ceased to be so.
    closed_later as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date > from_day::date
            and from_date <= to_day::date
            and until_date > to_day::date
    ),
    closed_before as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date <= from_day::date
            and until_date > from_day::date
            and until_date <= to_day::date
    ),
    ends as (
        select
            start_deals.opportunity_id is not null as was_open,
            end_deals.opportunity_id is not null as is_open,
            case
                when start_deals.opportunity_id is not null then 'open'
                else closed_before.state
            end as old_state,
            case
                when end_deals.opportunity_id is not null then 'open'
                else closed_later.state
            end as new_state,
            coalesce(start_deals.origin, end_deals.origin) as origin,
            coalesce(start_deals.rep_id, closed_before.rep_id) as old_rep_id,
            coalesce(end_deals.rep_id, closed_later.rep_id) as new_rep_id,
            coalesce(start_deals.segment_id, 'unknown') as old_segment_id,
            coalesce(end_deals.segment_id, 'unknown') as new_segment_id,
            start_deals.expected_close_date as old_close_date,
            end_deals.expected_close_date as new_close_date,
            coalesce(start_deals.amount, 0) as old_amount,
            coalesce(end_deals.amount, closed_later.amount, 0) as new_amount,
            start_deals.currency as old_currency,
            coalesce(end_deals.currency, closed_later.currency) as new_currency,
            coalesce(end_deals.amount_doc, closed_later.amount_doc, 0) as new_amount_doc,
            start_deals.plan_rate as old_plan_rate,
            coalesce(end_deals.plan_rate, closed_later.plan_rate) as new_plan_rate
        from start_deals
        full join end_deals on start_deals.opportunity_id = end_deals.opportunity_id
        left join closed_later on start_deals.opportunity_id = closed_later.opportunity_id
        left join closed_before on end_deals.opportunity_id = closed_before.opportunity_id
    ),
    deals as (
        select
            ends.*,
            old_reps.team as old_team,
            new_reps.team as new_team,
            case
                when new_currency = old_currency and new_plan_rate is not null and old_plan_rate is not null
                    then (new_amount_doc * old_plan_rate)::decimal(18, 2)
                else new_amount
            end as new_amount_at_old_rate
        from ends
        left join marts.dim_reps as old_reps on ends.old_rep_id = old_reps.rep_id
        left join marts.dim_reps as new_reps on ends.new_rep_id = new_reps.rep_id
    ),
    scopes (scope) as (
        values ('company'), ('team'), ('rep'), ('segment'), ('origin'), ('close_month'), ('close_quarter')
    ),
    seen as (
        select
            deals.*,
            scopes.scope,
            scopes.scope in ('close_month', 'close_quarter') as is_period_scope,
            case when was_open then
                case scopes.scope
                    when 'company' then 'all'
                    when 'team' then coalesce(old_team, 'unknown')
                    when 'rep' then old_rep_id
                    when 'segment' then old_segment_id
                    when 'origin' then origin
                    when 'close_month' then coalesce(date_trunc('month', old_close_date)::date::varchar, 'unknown')
                    else coalesce(date_trunc('quarter', old_close_date)::date::varchar, 'unknown')
                end
            end as old_member,
            case when is_open then
                case scopes.scope
                    when 'company' then 'all'
                    when 'team' then coalesce(new_team, 'unknown')
                    when 'rep' then new_rep_id
                    when 'segment' then new_segment_id
                    when 'origin' then origin
                    when 'close_month' then coalesce(date_trunc('month', new_close_date)::date::varchar, 'unknown')
                    else coalesce(date_trunc('quarter', new_close_date)::date::varchar, 'unknown')
                end
            end as new_member,
            case scopes.scope
                when 'rep' then old_rep_id is distinct from new_rep_id
                when 'team' then old_team is distinct from new_team
                else false
            end as is_transferred
        from deals
        cross join scopes
    ),
    moves as (
        select scope, old_member as member, 'start' as bucket, 1 as deal_count, old_amount as amount
        from seen
        where was_open
        union all
        select
            scope,
            old_member,
            case when new_amount_at_old_rate > old_amount then 'increased' else 'decreased' end,
            0,
            new_amount_at_old_rate - old_amount
        from seen
        where was_open and new_amount_at_old_rate <> old_amount
        union all
        select scope, old_member, 'fx', 0, new_amount - new_amount_at_old_rate
        from seen
        where was_open and new_amount <> new_amount_at_old_rate
        union all
        -- The first reason that holds: gone, in other hands, closed, in another period or segment.
        select
            scope,
            old_member,
            case
                when new_state in ('deleted', 'merged') then new_state
                when is_transferred then 'transferred_out'
                when not is_open then new_state
                when is_period_scope and new_member > old_member then 'pushed_out'
                when is_period_scope then 'pulled_out'
                else 'resegmented_out'
            end,
            -1,
            -new_amount
        from seen
        where was_open and new_member is distinct from old_member
        union all
        select
            scope,
            new_member,
            case
                when old_state is null then 'new'
                when old_state in ('deleted', 'merged') then 'restored'
                when is_transferred then 'transferred_in'
                when not was_open then 'reopened'
                when is_period_scope and new_member < old_member then 'pulled_in'
                when is_period_scope then 'pushed_in'
                else 'resegmented_in'
            end,
            1,
            new_amount
        from seen
        where is_open and new_member is distinct from old_member
        union all
        select scope, new_member, 'end', 1, new_amount
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
