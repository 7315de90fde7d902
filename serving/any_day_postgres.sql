-- Functions of the PostgreSQL mirror, in the schema marts: what any_day.sql answers, row for row.
-- Texts between dollars and no BEGIN ATOMIC: the columns that they read may change with a release.

-- A day that is asked for. Folded into the query while it is planned: a NULL would else leave nothing to be read, and
-- nobody to complain.
create or replace function marts.given_day(day date)
returns date
language plpgsql
immutable
as $$
begin
    if day is null then
        raise exception 'The day is NULL: ask for a date' using errcode = 'null_value_not_allowed';
    end if;
    return day;
end
$$;

-- Whether both days are known, the first not after the second; else an error. A window may begin on the eve of the
-- first day known, when nothing was there.
create or replace function marts.is_known_window(from_day date, to_day date)
returns boolean
language plpgsql
stable
as $$
declare
    eve date;
    last_day date;
begin
    select min(date_day) - 1, max(date_day) filter (where is_as_of_day)
    into eve, last_day
    from marts.dim_dates;
    case
        when from_day < eve then
            raise exception '% lies before %, after which the first day known here begins', from_day, eve
                using errcode = 'datetime_field_overflow';
        when to_day > last_day then
            raise exception '% lies after %, the last day known here', to_day, last_day
                using errcode = 'datetime_field_overflow';
        when from_day > to_day then
            raise exception '% lies after %', from_day, to_day using errcode = 'datetime_field_overflow';
        else
            return true;
    end case;
end
$$;

-- What pipeline_as_of answers, of a day that is there.
create or replace function marts.pipeline_at_end_of(day date)
returns table (
    opportunity_id text,
    rep_id text,
    team text,
    stage_id text,
    segment_id text,
    origin text,
    forecast_category text,
    currency text,
    amount_doc numeric,
    amount numeric,
    weighted_amount numeric,
    plan_rate numeric,
    win_probability numeric,
    calibrated_probability numeric,
    calibrated_probability_by_period numeric,
    is_reconstructed boolean,
    stage_entered_at timestamp,
    expected_close_date date,
    close_month_date date,
    close_quarter_date date
)
language sql
stable
as $$
    with
    known as (
        select intervals.*, dim_dates.ends_at
        from marts.fct_pipeline_intervals as intervals
        cross join marts.dim_dates as dim_dates
        where
            intervals.month_start_date = date_trunc('month', pipeline_at_end_of.day::timestamp)::date
            and intervals.from_date <= pipeline_at_end_of.day
            and intervals.until_date > pipeline_at_end_of.day
            and dim_dates.date_day = pipeline_at_end_of.day
    ),
    months as (
        select fiscal_month_start_date, max(date_day) - pipeline_at_end_of.day as days_left
        from marts.dim_dates
        group by fiscal_month_start_date
    ),
    -- Of the six horizons the nearest that is no shorter; on a month's last day nothing of it is left.
    horizons as (
        select
            months.fiscal_month_start_date,
            (
                select min(horizon)
                from unnest(array[1, 7, 14, 30, 60, 90]) as horizon
                where horizon >= months.days_left
            ) as horizon_days
        from months
        where months.days_left > 0
    ),
    fits as (
        select *
        from marts.mart_probability_fits
        where fitted_before_date = date_trunc('month', pipeline_at_end_of.day::timestamp)::date
    ),
    factors as (
        select
            known.*,
            rates.factor_value as stage_rate,
            reps.factor_value as rep_factor,
            timings.factor_value as timing_factor,
            overstays.factor_value as overstay_factor
        from known
        left join horizons on known.close_month_date = horizons.fiscal_month_start_date
        left join fits as rates on rates.factor = 'stage_rate' and known.stage_id = rates.stage_id
        left join fits as reps on reps.factor = 'rep_factor' and known.rep_id = reps.rep_id
        left join fits as timings
            on timings.factor = 'timing_factor'
            and known.stage_id = timings.stage_id
            and horizons.horizon_days = timings.horizon_days
        left join lateral (
            select passed.factor_value
            from fits as passed
            where
                passed.factor = 'overstay_factor'
                and passed.stage_id = known.stage_id
                and extract(epoch from known.ends_at - known.stage_entered_at)::double precision / 86400
                > passed.age_days
            order by passed.age_days desc
            limit 1
        ) as overstays on true
    ),
    chances as (
        select
            factors.*,
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
        chance::numeric(9, 6),
        (chance * timing_factor)::numeric(9, 6),
        is_reconstructed,
        stage_entered_at,
        expected_close_date,
        close_month_date,
        close_quarter_date
    from chances
    where marts.is_known_window(pipeline_at_end_of.day, pipeline_at_end_of.day)
$$;

-- The open pipeline at the local end of a day, one row per opportunity, and since when it stands in its stage. The
-- calibrated chances are multiplied from what was known before the day's month; NULL where nothing was.
create or replace function marts.pipeline_as_of(day date)
returns table (
    opportunity_id text,
    rep_id text,
    team text,
    stage_id text,
    segment_id text,
    origin text,
    forecast_category text,
    currency text,
    amount_doc numeric,
    amount numeric,
    weighted_amount numeric,
    plan_rate numeric,
    win_probability numeric,
    calibrated_probability numeric,
    calibrated_probability_by_period numeric,
    is_reconstructed boolean,
    stage_entered_at timestamp,
    expected_close_date date,
    close_month_date date,
    close_quarter_date date
)
language sql
stable
as $$
    select *
    from marts.pipeline_at_end_of(marts.given_day(pipeline_as_of.day))
$$;

-- The ends of two days compared, one row per deal that is open at one of them. old_state is empty where the deal did
-- not exist.
create or replace function marts.pipeline_ends(from_day date, to_day date)
returns table (
    was_open boolean,
    is_open boolean,
    old_state text,
    new_state text,
    origin text,
    old_rep_id text,
    new_rep_id text,
    old_team text,
    new_team text,
    old_segment_id text,
    new_segment_id text,
    old_month date,
    new_month date,
    old_quarter date,
    new_quarter date,
    old_amount numeric,
    new_amount numeric,
    new_amount_doc numeric,
    old_currency text,
    new_currency text,
    old_plan_rate numeric,
    new_plan_rate numeric
)
language sql
stable
as $$
    with
    start_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', pipeline_ends.from_day::timestamp)::date
            and from_date <= pipeline_ends.from_day
            and until_date > pipeline_ends.from_day
    ),
    end_deals as (
        select *
        from marts.fct_pipeline_intervals
        where
            month_start_date = date_trunc('month', pipeline_ends.to_day::timestamp)::date
            and from_date <= pipeline_ends.to_day
            and until_date > pipeline_ends.to_day
    ),
    -- What is no longer open at the end became so within the window, and what was not yet open ceased to be so.
    closed_later as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date > pipeline_ends.from_day
            and from_date <= pipeline_ends.to_day
            and until_date > pipeline_ends.to_day
    ),
    closed_before as (
        select *
        from marts.fct_opportunity_day_states
        where
            state <> 'open'
            and from_date <= pipeline_ends.from_day
            and until_date > pipeline_ends.from_day
            and until_date <= pipeline_ends.to_day
    )
    select
        start_deals.opportunity_id is not null,
        end_deals.opportunity_id is not null,
        case when start_deals.opportunity_id is not null then 'open' else closed_before.state end,
        case when end_deals.opportunity_id is not null then 'open' else closed_later.state end,
        coalesce(start_deals.origin, end_deals.origin),
        coalesce(start_deals.rep_id, closed_before.rep_id),
        coalesce(end_deals.rep_id, closed_later.rep_id),
        coalesce(start_deals.team, closed_before.team, 'unknown'),
        coalesce(end_deals.team, closed_later.team, 'unknown'),
        start_deals.segment_id,
        end_deals.segment_id,
        start_deals.close_month_date,
        end_deals.close_month_date,
        start_deals.close_quarter_date,
        end_deals.close_quarter_date,
        start_deals.amount,
        coalesce(end_deals.amount, closed_later.amount),
        coalesce(end_deals.amount_doc, closed_later.amount_doc),
        start_deals.currency,
        coalesce(end_deals.currency, closed_later.currency),
        start_deals.plan_rate,
        coalesce(end_deals.plan_rate, closed_later.plan_rate)
    from start_deals
    full join end_deals on start_deals.opportunity_id = end_deals.opportunity_id
    left join closed_later on start_deals.opportunity_id = closed_later.opportunity_id
    left join closed_before on end_deals.opportunity_id = closed_before.opportunity_id
$$;

-- The end of each day of a window compared with the day before it, one row per deal and day on which it changed.
create or replace function marts.pipeline_days(from_day date, to_day date)
returns table (
    was_open boolean,
    is_open boolean,
    old_state text,
    new_state text,
    origin text,
    old_rep_id text,
    new_rep_id text,
    old_team text,
    new_team text,
    old_segment_id text,
    new_segment_id text,
    old_month date,
    new_month date,
    old_quarter date,
    new_quarter date,
    old_amount numeric,
    new_amount numeric,
    new_amount_doc numeric,
    old_currency text,
    new_currency text,
    old_plan_rate numeric,
    new_plan_rate numeric
)
language sql
stable
as $$
    select
        coalesce(was.state = 'open', false),
        now.state = 'open',
        was.state,
        now.state,
        now.origin,
        was.rep_id,
        now.rep_id,
        coalesce(was.team, 'unknown'),
        coalesce(now.team, 'unknown'),
        was.segment_id,
        now.segment_id,
        was.close_month_date,
        now.close_month_date,
        was.close_quarter_date,
        now.close_quarter_date,
        was.amount,
        now.amount,
        now.amount_doc,
        was.currency,
        now.currency,
        was.plan_rate,
        now.plan_rate
    from marts.fct_opportunity_day_states as now
    left join marts.fct_opportunity_day_states as was
        on now.opportunity_id = was.opportunity_id and now.from_date = was.until_date
    where
        now.from_date > pipeline_days.from_day
        and now.from_date <= pipeline_days.to_day
        and (now.state = 'open' or was.state = 'open')
$$;

-- The changes seen by every scope, one row per change and scope: who it counts for before and after, and what of it
-- moved. A deal without a close date is in the period after all others. new_amount_at_old_rate parts a changed deal
-- from a changed rate; a value that appears or vanishes because a rate is not known is no change of the deal.
create or replace function marts.pipeline_seen(from_day date, to_day date, is_daily boolean)
returns table (
    scope text,
    was_open boolean,
    is_open boolean,
    old_state text,
    new_state text,
    old_amount numeric,
    new_amount_at_old_rate numeric,
    new_amount numeric,
    old_period date,
    new_period date,
    old_member text,
    new_member text,
    is_transferred boolean,
    is_resegmented boolean,
    is_later boolean,
    is_same boolean
)
language sql
stable
as $$
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
        from marts.pipeline_ends(pipeline_seen.from_day, pipeline_seen.to_day)
        where not pipeline_seen.is_daily
        union all
        select *
        from marts.pipeline_days(pipeline_seen.from_day, pipeline_seen.to_day)
        where pipeline_seen.is_daily
    ),
    valued as (
        select
            changes.*,
            case
                when old_plan_rate is null then coalesce(old_amount, 0)
                when new_currency = old_currency
                    then (coalesce(new_amount_doc, 0) * old_plan_rate)::numeric(18, 2)
                when new_plan_rate is null then coalesce(old_amount, 0)
                else coalesce(new_amount, 0)
            end as amount_at_old_rate
        from changes
    ),
    dated as (
        select
            valued.*,
            scopes.scope,
            scopes.attribute,
            case scopes.period when 'month' then old_month when 'quarter' then old_quarter end as old_date,
            case scopes.period when 'month' then new_month when 'quarter' then new_quarter end as new_date,
            case scopes.attribute
                when 'rep' then old_rep_id is distinct from new_rep_id
                when 'team' then old_team <> new_team
                else false
            end as changed_hands,
            case scopes.attribute
                when 'segment' then old_segment_id is distinct from new_segment_id
                else false
            end as changed_segment
        from valued
        cross join scopes
    )
    select
        dated.scope,
        dated.was_open,
        dated.is_open,
        dated.old_state,
        dated.new_state,
        coalesce(dated.old_amount, 0),
        amount_at_old_rate,
        coalesce(dated.new_amount, 0),
        old_date,
        new_date,
        case attribute
            when 'company' then 'all'
            when 'team' then old_team
            when 'rep' then old_rep_id
            when 'segment' then coalesce(old_segment_id, 'unknown')
            when 'origin' then origin
            else coalesce(to_char(old_date, 'YYYY-MM-DD'), 'unknown')
        end,
        case attribute
            when 'company' then 'all'
            when 'team' then new_team
            when 'rep' then new_rep_id
            when 'segment' then coalesce(new_segment_id, 'unknown')
            when 'origin' then origin
            else coalesce(to_char(new_date, 'YYYY-MM-DD'), 'unknown')
        end,
        changed_hands,
        changed_segment,
        coalesce(new_date, date '9999-12-31') > coalesce(old_date, date '9999-12-31'),
        dated.was_open and dated.is_open and old_date is not distinct from new_date
        and not changed_hands and not changed_segment
    from dated
$$;

-- What moved, one row per scope, member, close period and bucket: start, then what moved, then end. The first reason
-- that holds: gone, in other hands, closed, in another segment or period; and of what enters: new, restored, in other
-- hands, reopened, in another segment or period.
create or replace function marts.pipeline_moves(from_day date, to_day date, is_daily boolean)
returns table (
    scope text,
    member text,
    step integer,
    bucket text,
    deal_count integer,
    amount numeric,
    close_period_date date
)
language sql
stable
as $$
    with
    ends as materialized (
        select *
        from marts.pipeline_seen(pipeline_moves.from_day, pipeline_moves.to_day, false)
    ),
    seen as (
        select *
        from ends
        where not pipeline_moves.is_daily
        union all
        select *
        from marts.pipeline_seen(pipeline_moves.from_day, pipeline_moves.to_day, true)
        where pipeline_moves.is_daily
    ),
    moves (scope, member, close_period_date, bucket, deal_count, amount) as (
        select scope, old_member, old_period, 'start', 1, old_amount
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
    ),
    summed as (
        select
            moves.scope,
            moves.member,
            case moves.bucket when 'start' then 0 when 'end' then 2 else 1 end as step,
            moves.bucket,
            sum(moves.deal_count)::integer as deal_count,
            sum(moves.amount)::numeric(18, 2) as amount,
            moves.close_period_date
        from moves
        group by moves.scope, moves.member, moves.close_period_date, moves.bucket
    )
    select *
    from summed
    where marts.is_known_window(pipeline_moves.from_day, pipeline_moves.to_day)
    order by scope collate "C", member collate "C", close_period_date, step, bucket collate "C"
$$;

-- What lies between the ends of two days, end points compared. Scopes: company, team, rep, segment and origin; each
-- of the last four within a close period (team_month, team_quarter, rep_month ...); and the close periods by
-- themselves (close_month, close_quarter). Periods are those of the company's fiscal calendar. For every member
-- start + moves = end, exactly. What left and what entered is told at the end day's amount; what an amount
-- changed meanwhile is told apart, and apart from it what plan rates did (fx).
create or replace function marts.pipeline_waterfall(from_day date, to_day date)
returns table (
    scope text,
    member text,
    step integer,
    bucket text,
    deal_count integer,
    amount numeric,
    close_period_date date
)
language sql
stable
as $$
    select *
    from
        marts.pipeline_moves(
            marts.given_day(pipeline_waterfall.from_day), marts.given_day(pipeline_waterfall.to_day), false
        )
$$;

-- The sum of the daily waterfalls of a window, by the same scopes: what came and went within it is seen too. It
-- differs from pipeline_waterfall in flows, never in the balance.
create or replace function marts.pipeline_daily_waterfall(from_day date, to_day date)
returns table (
    scope text,
    member text,
    step integer,
    bucket text,
    deal_count integer,
    amount numeric,
    close_period_date date
)
language sql
stable
as $$
    select *
    from
        marts.pipeline_moves(
            marts.given_day(pipeline_daily_waterfall.from_day), marts.given_day(pipeline_daily_waterfall.to_day), true
        )
$$;

-- The open deals at the end of a day, and those that stand won then with the day since when, one row per deal.
create or replace function marts.deals_at_end_of(day date)
returns table (
    rep_id text,
    team text,
    is_open boolean,
    amount numeric,
    weighted_amount numeric,
    calibrated_amount numeric,
    is_unrated boolean,
    month_date date,
    quarter_date date
)
language sql
stable
as $$
    with
    won as (
        select opportunity_id, rep_id, team, amount
        from marts.fct_opportunity_day_states
        where
            state = 'won'
            and from_date <= deals_at_end_of.day
            and until_date > deals_at_end_of.day
            and marts.is_known_window(deals_at_end_of.day, deals_at_end_of.day)
    ),
    -- A deal that was won, reopened and won again counts from the second time.
    won_since as (
        select
            opportunity_id,
            coalesce(max(until_date) filter (where state <> 'won'), min(from_date)) as won_date
        from marts.fct_opportunity_day_states
        where from_date <= deals_at_end_of.day and opportunity_id in (select won.opportunity_id from won)
        group by opportunity_id
    )
    select
        rep_id,
        coalesce(team, 'unknown'),
        true,
        amount,
        weighted_amount,
        amount * calibrated_probability_by_period,
        calibrated_probability_by_period is null,
        close_month_date,
        close_quarter_date
    from marts.pipeline_at_end_of(deals_at_end_of.day)
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
    inner join marts.dim_dates as dim_dates on won_since.won_date = dim_dates.date_day
$$;

-- What was forecast at the local end of a day, one row per forecaster (rep, team, company) and fiscal month or quarter
-- that was not over: what stood won within it, what was open and expected to close within it, and won + open x chance,
-- by the stated chances (fct_forecast_statements has them judged) and by the calibrated ones. Those are measured for
-- months: NULL for a quarter, and where a deal has none. As today's data tell that day, like pipeline_as_of.
create or replace function marts.forecast_as_of(day date)
returns table (
    level text,
    member text,
    period_grain text,
    open_count integer,
    won_count integer,
    open_amount numeric,
    won_amount numeric,
    weighted_amount numeric,
    calibrated_amount numeric,
    stated_forecast_amount numeric,
    calibrated_forecast_amount numeric,
    period_start_date date
)
language sql
stable
as $$
    with
    grains (period_grain) as (values ('month'), ('quarter')),
    levels (level) as (values ('rep'), ('team'), ('company')),
    today as (
        select fiscal_month_start_date, fiscal_quarter_start_date
        from marts.dim_dates
        where date_day = forecast_as_of.day
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
        from marts.deals_at_end_of(marts.given_day(forecast_as_of.day)) as deals
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
            counted.level,
            counted.member,
            counted.period_grain,
            (count(*) filter (where is_open))::integer as open_count,
            (count(*) filter (where not is_open))::integer as won_count,
            coalesce(sum(amount) filter (where is_open), 0)::numeric(18, 2) as open_amount,
            coalesce(sum(amount) filter (where not is_open), 0)::numeric(18, 2) as won_amount,
            coalesce(sum(weighted_amount), 0)::numeric(18, 2) as weighted_amount,
            case
                when not coalesce(bool_or(is_unrated) filter (where is_open), false)
                    then coalesce(sum(calibrated_amount), 0)::numeric(18, 2)
            end as calibrated_amount,
            counted.period_start_date
        from counted
        group by counted.level, counted.member, counted.period_grain, counted.period_start_date
    )
    select
        summed.level,
        summed.member,
        summed.period_grain,
        summed.open_count,
        summed.won_count,
        summed.open_amount,
        summed.won_amount,
        summed.weighted_amount,
        summed.calibrated_amount,
        summed.won_amount + summed.weighted_amount,
        summed.won_amount + summed.calibrated_amount,
        summed.period_start_date
    from summed
    where marts.is_known_window(marts.given_day(forecast_as_of.day), marts.given_day(forecast_as_of.day))
    order by level collate "C", member collate "C", period_grain collate "C", period_start_date
$$;
