-- Table macros of the published file: questions about any day, answered without a row per deal and day.
-- DuckDB binds their tables where they are called: open the file itself, or ATTACH it and USE it.

-- A day as it was given, a date. Constant for a given date, so that only the months asked for are read.
create macro main.given_day(day) as (
    case when day is null then error('The day is NULL: ask for a date') else day::date end
);

-- Whether both days are known, the first not after the second; else an error. A window may begin on the eve of the
-- first day known, when nothing was there.
create macro main.is_known_window(from_day, to_day) as (
    select case
        when from_day < eve
            then error(from_day || ' lies before ' || eve || ', after which the first day known here begins')
        when to_day > last_day
            then error(to_day || ' lies after ' || last_day || ', the last day known here')
        when from_day > to_day
            then error(from_day || ' lies after ' || to_day)
        else true
    end
    from (
        select min(date_day) - 1 as eve, max(date_day) filter (where is_as_of_day) as last_day
        from marts.dim_dates
    )
);

-- What pipeline_as_of answers, of a day that is a date already.
create macro main.pipeline_at_end_of(day) as table
    with
    known as (
        select intervals.*, dim_dates.ends_at
        from marts.fct_pipeline_intervals as intervals
        cross join marts.dim_dates as dim_dates
        where
            intervals.month_start_date = date_trunc('month', day)::date
            and intervals.from_date <= day
            and intervals.until_date > day
            and dim_dates.date_day = day
    ),
    months as (
        select fiscal_month_start_date, max(date_day) - day as days_left
        from marts.dim_dates
        group by fiscal_month_start_date
    ),
    -- Of the six horizons the nearest that is no shorter; on a month's last day nothing of it is left.
    horizons as (
        select
            map(
                list(fiscal_month_start_date),
                list(list_min([horizon for horizon in [1, 7, 14, 30, 60, 90] if horizon >= days_left]))
            ) as by_month
        from months
        where days_left > 0
    ),
    -- Looked up and not joined: a question that asks for no chance does not pay for any.
    fits as (
        select
            map(
                list(stage_id) filter (factor = 'stage_rate'), list(factor_value) filter (factor = 'stage_rate')
            ) as rates,
            map(
                list(rep_id) filter (factor = 'rep_factor'), list(factor_value) filter (factor = 'rep_factor')
            ) as reps,
            map(
                list(stage_id || '-' || horizon_days) filter (factor = 'timing_factor'),
                list(factor_value) filter (factor = 'timing_factor')
            ) as timings,
            list({'stage_id': stage_id, 'age_days': age_days, 'factor': factor_value} order by age_days)
                filter (factor = 'overstay_factor') as overstays
        from marts.mart_probability_fits
        where fitted_before_date = date_trunc('month', day)::date
    ),
    factors as (
        select
            known.*,
            fits.rates[known.stage_id] as stage_rate,
            fits.reps[known.rep_id] as rep_factor,
            fits.timings[known.stage_id || '-' || horizons.by_month[known.close_month_date]] as timing_factor,
            [
                fit.factor
                for fit in fits.overstays
                if fit.stage_id = known.stage_id
                and date_diff('microsecond', known.stage_entered_at, known.ends_at) / 86400000000.0 > fit.age_days
            ][-1] as overstay_factor
        from known
        cross join fits
        cross join horizons
    ),
    chances as (
        select
            *,
            case
                when stage_rate is not null
                    then least(1, stage_rate * coalesce(overstay_factor, 1) * coalesce(rep_factor, 1))
            end as chance
        from factors
    )
    select
        opportunity_id,
        rep_id,
        team,
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
        chance::decimal(9, 6) as calibrated_probability,
        (chance * timing_factor)::decimal(9, 6) as calibrated_probability_by_period,
        is_reconstructed,
        stage_entered_at,
        expected_close_date,
        close_month_date,
        close_quarter_date
    from chances
    where is_known_window(day, day);

-- The open pipeline at the local end of a day, one row per opportunity, and since when it stands in its stage. The
-- calibrated chances are multiplied from what was known before the day's month; NULL where nothing was.
create macro main.pipeline_as_of(day) as table
    from pipeline_at_end_of(given_day(day));

-- The ends of two days compared, one row per deal that is open at one of them. old_state is empty where the deal did
-- not exist. Both ends are read from their months; only of a deal that is open at one of them is the other end looked
-- up, among the states that began or ended within the window.
create macro main.pipeline_ends(from_day, to_day) as table
    with
    start_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', from_day)::date
            and from_date <= from_day
            and until_date > from_day
            and is_known_window(from_day, to_day)
    ),
    end_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', to_day)::date
            and from_date <= to_day
            and until_date > to_day
            and is_known_window(from_day, to_day)
    ),
    -- What is no longer open at the end became so within the window, and what was not yet open ceased to be so.
    closed_later as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date > from_day
            and from_date <= to_day
            and until_date > to_day
    ),
    closed_before as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date <= from_day
            and until_date > from_day
            and until_date <= to_day
    )
    select
        start_deals.opportunity_id is not null as was_open,
        end_deals.opportunity_id is not null as is_open,
        case when start_deals.opportunity_id is not null then 'open' else closed_before.state end as old_state,
        case when end_deals.opportunity_id is not null then 'open' else closed_later.state end as new_state,
        coalesce(start_deals.origin, end_deals.origin) as origin,
        coalesce(start_deals.rep_id, closed_before.rep_id) as old_rep_id,
        coalesce(end_deals.rep_id, closed_later.rep_id) as new_rep_id,
        coalesce(start_deals.team, closed_before.team, 'unknown') as old_team,
        coalesce(end_deals.team, closed_later.team, 'unknown') as new_team,
        start_deals.segment_id as old_segment_id,
        end_deals.segment_id as new_segment_id,
        start_deals.close_month_date as old_month,
        end_deals.close_month_date as new_month,
        start_deals.close_quarter_date as old_quarter,
        end_deals.close_quarter_date as new_quarter,
        start_deals.amount as old_amount,
        coalesce(end_deals.amount, closed_later.amount) as new_amount,
        coalesce(end_deals.amount_doc, closed_later.amount_doc) as new_amount_doc,
        start_deals.currency as old_currency,
        coalesce(end_deals.currency, closed_later.currency) as new_currency,
        start_deals.plan_rate as old_plan_rate,
        coalesce(end_deals.plan_rate, closed_later.plan_rate) as new_plan_rate
    from start_deals
    full join end_deals on start_deals.opportunity_id = end_deals.opportunity_id
    left join closed_later on start_deals.opportunity_id = closed_later.opportunity_id
    left join closed_before on end_deals.opportunity_id = closed_before.opportunity_id;

-- The end of each day of a window compared with the day before it, one row per deal and day on which it changed.
create macro main.pipeline_days(from_day, to_day) as table
    select
        coalesce(was.state = 'open', false) as was_open,
        now.state = 'open' as is_open,
        was.state as old_state,
        now.state as new_state,
        now.origin,
        was.rep_id as old_rep_id,
        now.rep_id as new_rep_id,
        coalesce(was.team, 'unknown') as old_team,
        coalesce(now.team, 'unknown') as new_team,
        was.segment_id as old_segment_id,
        now.segment_id as new_segment_id,
        was.close_month_date as old_month,
        now.close_month_date as new_month,
        was.close_quarter_date as old_quarter,
        now.close_quarter_date as new_quarter,
        was.amount as old_amount,
        now.amount as new_amount,
        now.amount_doc as new_amount_doc,
        was.currency as old_currency,
        now.currency as new_currency,
        was.plan_rate as old_plan_rate,
        now.plan_rate as new_plan_rate
    from marts.fct_opportunity_day_states as now
    left join marts.fct_opportunity_day_states as was
        on now.opportunity_id = was.opportunity_id and now.from_date = was.until_date
    where
        is_known_window(from_day, to_day)
        and now.from_date > from_day
        and now.from_date <= to_day
        and (now.state = 'open' or was.state = 'open');

-- The changes seen by every scope, one row per change and scope: who it counts for before and after, and what of it
-- moved. A deal without a close date is in the period after all others. new_amount_at_old_rate parts a changed deal
-- from a changed rate; a value that appears or vanishes because a rate is not known is no change of the deal.
create macro main.pipeline_seen(from_day, to_day, is_daily) as table
    with
    scopes (scope, attribute, period) as (
        values
        ('company', 'company', ''), ('close_month', 'period', 'month'), ('close_quarter', 'period', 'quarter'),
        ('team', 'team', ''), ('team_month', 'team', 'month'), ('team_quarter', 'team', 'quarter'),
        ('rep', 'rep', ''), ('rep_month', 'rep', 'month'), ('rep_quarter', 'rep', 'quarter'),
        ('segment', 'segment', ''), ('segment_month', 'segment', 'month'), ('segment_quarter', 'segment', 'quarter'),
        ('origin', 'origin', ''), ('origin_month', 'origin', 'month'), ('origin_quarter', 'origin', 'quarter')
    ),
    changes as (
        select *
        from pipeline_ends(from_day, to_day)
        where not is_daily
        union all
        select *
        from pipeline_days(from_day, to_day)
        where is_daily
    ),
    valued as (
        select
            *,
            case
                when old_plan_rate is null then coalesce(old_amount, 0)
                when new_currency = old_currency
                    then (coalesce(new_amount_doc, 0) * old_plan_rate)::decimal(18, 2)
                when new_plan_rate is null then coalesce(old_amount, 0)
                else coalesce(new_amount, 0)
            end as new_amount_at_old_rate
        from changes
    ),
    seen as (
        select
            scopes.scope,
            was_open,
            is_open,
            old_state,
            new_state,
            coalesce(old_amount, 0) as old_amount,
            new_amount_at_old_rate,
            coalesce(new_amount, 0) as new_amount,
            case scopes.period when 'month' then old_month when 'quarter' then old_quarter end as old_period,
            case scopes.period when 'month' then new_month when 'quarter' then new_quarter end as new_period,
            case scopes.attribute
                when 'company' then 'all'
                when 'team' then old_team
                when 'rep' then old_rep_id
                when 'segment' then coalesce(old_segment_id, 'unknown')
                when 'origin' then origin
                else coalesce(old_period::varchar, 'unknown')
            end as old_member,
            case scopes.attribute
                when 'company' then 'all'
                when 'team' then new_team
                when 'rep' then new_rep_id
                when 'segment' then coalesce(new_segment_id, 'unknown')
                when 'origin' then origin
                else coalesce(new_period::varchar, 'unknown')
            end as new_member,
            case scopes.attribute
                when 'rep' then old_rep_id is distinct from new_rep_id
                when 'team' then old_team <> new_team
                else false
            end as is_transferred,
            case scopes.attribute
                when 'segment' then old_segment_id is distinct from new_segment_id
                else false
            end as is_resegmented,
            coalesce(new_period, date '9999-12-31') > coalesce(old_period, date '9999-12-31') as is_later,
            was_open and is_open and old_period is not distinct from new_period
            and not is_transferred and not is_resegmented as is_same
        from valued
        cross join scopes
    )
    select *
    from seen;

-- What moved, one row per scope, member, close period and bucket: start, then what moved, then end. The first reason that holds: gone, in other hands, closed, in another segment or
-- period; and of what enters: new, restored, in other hands, reopened, in another segment or period.
create macro main.pipeline_moves(from_day, to_day, is_daily) as table
    with
    ends as materialized (
        select *
        from pipeline_seen(from_day, to_day, false)
    ),
    seen as not materialized (
        select *
        from ends
        where not is_daily
        union all
        select *
        from pipeline_seen(from_day, to_day, true)
        where is_daily
    ),
    moves as (
        select
            scope,
            old_member as member,
            old_period as close_period_date,
            'start' as bucket,
            1 as deal_count,
            old_amount as amount
        from ends
        where was_open
        union all
        select
            scope,
            old_member,
            old_period,
            case when new_amount_at_old_rate > old_amount then 'increased' else 'decreased' end,
            0,
            new_amount_at_old_rate - old_amount
        from seen
        where was_open and new_amount_at_old_rate <> old_amount
        union all
        select scope, old_member, old_period, 'fx', 0, new_amount - new_amount_at_old_rate
        from seen
        where was_open and new_amount <> new_amount_at_old_rate
        union all
        select
            scope,
            old_member,
            old_period,
            case
                when new_state in ('deleted', 'merged') then new_state
                when is_transferred then 'transferred_out'
                when not is_open then new_state
                when is_resegmented then 'resegmented_out'
                when is_later then 'pushed_out'
                else 'pulled_out'
            end,
            -1,
            -new_amount
        from seen
        where was_open and not is_same
        union all
        select
            scope,
            new_member,
            new_period,
            case
                when old_state is null then 'new'
                when old_state in ('deleted', 'merged') then 'restored'
                when is_transferred then 'transferred_in'
                when old_state = 'dormant' then 'reactivated'
                when not was_open then 'reopened'
                when is_resegmented then 'resegmented_in'
                when is_later then 'pushed_in'
                else 'pulled_in'
            end,
            1,
            new_amount
        from seen
        where is_open and not is_same
        union all
        select scope, new_member, new_period, 'end', 1, new_amount
        from ends
        where is_open
    )
    select
        scope,
        member,
        case bucket when 'start' then 0 when 'end' then 2 else 1 end as step,
        bucket,
        sum(deal_count)::integer as deal_count,
        sum(amount)::decimal(18, 2) as amount,
        close_period_date
    from moves
    group by scope, member, close_period_date, bucket
    order by scope, member, close_period_date, step, bucket;

-- What lies between the ends of two days, end points compared. Scopes: company, team, rep, segment and origin; each
-- of the last four within a close period (team_month, team_quarter, rep_month ...); and the close periods by
-- themselves (close_month, close_quarter). Periods are those of the company's fiscal calendar. For every member
-- start + moves = end, exactly. What left and what entered is told at the end day's amount; what an amount
-- changed meanwhile is told apart, and apart from it what plan rates did (fx).
create macro main.pipeline_waterfall(from_day, to_day) as table
    from pipeline_moves(given_day(from_day), given_day(to_day), false);

-- The sum of the daily waterfalls of a window, by the same scopes: what came and went within it is seen too. It
-- differs from pipeline_waterfall in flows, never in the balance.
create macro main.pipeline_daily_waterfall(from_day, to_day) as table
    from pipeline_moves(given_day(from_day), given_day(to_day), true);

-- The open deals at the end of a day, and those that stand won then with the day since when, one row per deal.
create macro main.deals_at_end_of(day) as table
    with
    won as (
        select opportunity_id, rep_id, team, amount
        from marts.fct_opportunity_day_states
        where state = 'won' and from_date <= day and until_date > day and is_known_window(day, day)
    ),
    -- A deal that was won, reopened and won again counts from the second time.
    won_since as (
        select
            opportunity_id,
            coalesce(max(until_date) filter (where state <> 'won'), min(from_date)) as won_date
        from marts.fct_opportunity_day_states
        where from_date <= day and opportunity_id in (select opportunity_id from won)
        group by opportunity_id
    )
    select
        rep_id,
        coalesce(team, 'unknown') as team,
        true as is_open,
        amount,
        weighted_amount,
        amount * calibrated_probability_by_period as calibrated_amount,
        calibrated_probability_by_period is null as is_unrated,
        close_month_date as month_date,
        close_quarter_date as quarter_date
    from pipeline_at_end_of(day)
    union all
    select
        won.rep_id,
        coalesce(won.team, 'unknown'),
        false,
        won.amount,
        null,
        null,
        false,
        dim_dates.fiscal_month_start_date,
        dim_dates.fiscal_quarter_start_date
    from won
    inner join won_since on won.opportunity_id = won_since.opportunity_id
    inner join marts.dim_dates as dim_dates on won_since.won_date = dim_dates.date_day;

-- What forecast_as_of answers, of a day that is a date already.
create macro main.forecast_at_end_of(day) as table
    with
    grains (period_grain) as (values ('month'), ('quarter')),
    levels (level) as (values ('rep'), ('team'), ('company')),
    today as (
        select fiscal_month_start_date, fiscal_quarter_start_date
        from marts.dim_dates
        where date_day = day
    ),
    counted as (
        select
            levels.level,
            case levels.level when 'rep' then rep_id when 'team' then team else 'all' end as member,
            grains.period_grain,
            deals.is_open,
            deals.is_unrated or grains.period_grain <> 'month' as is_unrated,
            deals.amount,
            deals.weighted_amount,
            deals.calibrated_amount,
            case grains.period_grain when 'month' then month_date else quarter_date end as period_start_date
        from deals_at_end_of(day) as deals
        cross join grains
        cross join levels
        cross join today
        where
            case grains.period_grain
                when 'month' then month_date >= today.fiscal_month_start_date
                else quarter_date >= today.fiscal_quarter_start_date
            end
    ),
    summed as (
        select
            level,
            member,
            period_grain,
            count(*) filter (where is_open)::integer as open_count,
            count(*) filter (where not is_open)::integer as won_count,
            coalesce(sum(amount) filter (where is_open), 0)::decimal(18, 2) as open_amount,
            coalesce(sum(amount) filter (where not is_open), 0)::decimal(18, 2) as won_amount,
            coalesce(sum(weighted_amount), 0)::decimal(18, 2) as weighted_amount,
            case
                when not coalesce(bool_or(is_unrated) filter (where is_open), false)
                    then coalesce(sum(calibrated_amount), 0)::decimal(18, 2)
            end as calibrated_amount,
            period_start_date
        from counted
        group by level, member, period_grain, period_start_date
    )
    select
        level,
        member,
        period_grain,
        open_count,
        won_count,
        open_amount,
        won_amount,
        weighted_amount,
        calibrated_amount,
        won_amount + weighted_amount as stated_forecast_amount,
        won_amount + calibrated_amount as calibrated_forecast_amount,
        period_start_date
    from summed
    order by level, member, period_grain, period_start_date;

-- What was forecast at the local end of a day, one row per forecaster (rep, team, company) and fiscal month or quarter
-- that was not over: what stood won within it, what was open and expected to close within it, and won + open x chance,
-- by the stated chances (fct_forecast_statements has them judged) and by the calibrated ones. Those are measured for
-- months: NULL for a quarter, and where a deal has none. As today's data tell that day, like pipeline_as_of.
create macro main.forecast_as_of(day) as table
    from forecast_at_end_of(given_day(day));
