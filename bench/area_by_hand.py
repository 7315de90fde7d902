"""The pipeline area of the demo company, written by hand at the scope that the area keeps.

    .venv/bin/python bench/area_by_hand.py WAREHOUSE LAKE FILE

Not a model of style but a limit: terse SQL on one connection, from the lake's Parquet files, every
field whose past is kept, both clocks, the last of several changes at one instant, typed versions,
stays in stages, days, months and snapshots. It takes what a script for one company may take: keys
that are numbers, one source, a full log; it knows no teams, segments, vanished records or deals
without a log. WAREHOUSE is a built work.duckdb, read for its calendar, stages and plan rates; FILE
is written anew. Printed are, per step, seconds by the clock and of CPU, as the shared script of
the core prints them.
"""

import resource
import sys
import time
from pathlib import Path

import duckdb

# Field of the CRM's log -> its type.
FIELDS = {
    **dict.fromkeys(("owner_id", "stage", "currency", "forecast_category"), "varchar"),
    **dict.fromkeys(("merged_into_id", "next_step", "budget_status"), "varchar"),
    **dict.fromkeys(("decision_maker", "competitor"), "varchar"),
    "amount": "decimal(18,2)",
    "probability": "decimal(9,4)",
    "is_deleted": "boolean",
    "close_date": "date",
}
STANDING = (
    *("owner_id", "stage", "state", "currency", "forecast_category"),
    *("amount", "probability", "close_date"),
)


def of_each(template: str, names: tuple[str, ...] = tuple(FIELDS), joiner: str = ", ") -> str:
    """A piece of SQL for each field; {f} is its name, {t} its type."""
    return joiner.join(template.format(f=name, t=FIELDS.get(name, "varchar")) for name in names)


def local_day(instant: str) -> str:
    """The day in the business time zone of the demo company."""
    return f"timezone('Europe/Paris', timezone('UTC', {instant}))::date"


LAST_OF_KEY = """qualify row_number() over (partition by _key
    order by _extracted_at desc, _source_file desc, _row_number desc) = 1"""
PLAN_AMOUNT = "cast(round(amount * coalesce(rate, 1), 2) as decimal(18, 2)) as plan_amount"
STEPS = {
    "opportunities": f"""create table opp as
        select substr(id, 4)::int as opp, * exclude (id)
        from read_parquet('{{lake}}/raw/crm/opportunities/*.parquet', union_by_name = true)
        {LAST_OF_KEY}""",
    "log": f"""create table log as
        with latest as (
            select * from read_parquet('{{lake}}/raw/crm/opportunity_changes/*.parquet',
                union_by_name = true)
            {LAST_OF_KEY}
        ), dated as (
            select opp, field, coalesce(trim(old_value), '') as old_value,
                coalesce(trim(new_value), '') as new_value, sequence, id,
                greatest(changed_at, created_at) as instant, latest._extracted_at as known_at,
                case when latest._extracted_at > first_delivered_at then latest._extracted_at
                    else changed_at end as told_at
            from latest
            join (select opp, created_at from opp) on opp = substr(opportunity_id, 4)::int
            cross join built.intermediate.int_sources_begun
            where changed_at < getvariable('as_of')
        )
        select opp, field, old_value, new_value, instant, known_at, told_at,
            row_number() over (partition by opp
                order by instant, sequence nulls first, known_at, id) as sequence
        from dated""",
    "started": f"""create table started as
        select opp, {of_each("min_by(old_value, sequence) filter (where field = '{f}') as {f}")}
        from log group by opp""",
    "instants": f"""create table instants as
        select opp, instant, max(known_at) as known_at, max(told_at) as told_at,
            {of_each("max_by(new_value, sequence) filter (where field = '{f}') as {f}")}
        from (
            select opp, field, new_value, sequence, instant, known_at, told_at from log
            union all
            select opp, null, null, null, created_at, _extracted_at, created_at from opp
        ) group by opp, instant""",
    "versions": f"""create table versions as
        with filled as (
            select instants.opp, instant, instants.known_at,
                max(instants.told_at) over so_far as told_at,
                {
        of_each(
            "try_cast(nullif(coalesce(last_value(instants.{f} ignore nulls) over so_far, "
            "started.{f}, opp.{f}::varchar), '') as {t}) as {f}"
        )
    }
            from instants join opp using (opp) left join started using (opp)
            window so_far as (partition by instants.opp order by instant)
        ), changed as (
            select * from filled
            window w as (partition by opp order by instant)
            qualify row_number() over w = 1 or {
        of_each("{f} is distinct from lag({f}) over w", joiner=" or ")
    }
        )
        select changed.*, position, row_number() over w as version_no,
            lead(instant) over w as until, {local_day("instant")} as from_day,
            case when merged_into_id is not null then 'merged'
                when changed.is_deleted then 'deleted'
                when is_won then 'won' when is_closed then 'lost' when is_dormant then 'dormant'
                else 'open' end as state,
            {PLAN_AMOUNT}
        from changed
        left join built.desk.stages on stage = stage_id
        left join built.intermediate.int_fx_plan_rates as rates
            on rates.currency = changed.currency and fiscal_year = year(instant)
        window w as (partition by opp order by instant)
        order by opp, instant""",
    "stays": """create table stays as
        with marked as (
            select opp, instant, stage, state, position, owner_id, told_at, case when
                stage = lag(stage) over w and state = lag(state) over w then 0 else 1 end as starts
            from versions window w as (partition by opp order by instant)
        ), numbered as (
            select *, sum(starts) over (partition by opp order by instant
                rows unbounded preceding) as stay
            from marked
        ), stays as (
            select opp, stay, any_value(stage) as stage, any_value(state) as state,
                any_value(position) as position, max_by(owner_id, instant) as owner_id,
                min(instant) as entered_at, min(told_at) as told_at
            from numbered group by opp, stay
        ), neighbours as (
            select *, lag(stage) over w as stage_before, lag(position) over w as position_before,
                lag(state) over w as state_before, lead(stage) over w as stage_after,
                lead(position) over w as position_after, lead(state) over w as state_after,
                lead(entered_at) over w as left_at,
                last_value(case when state in ('open', 'won', 'lost') then state end ignore nulls)
                    over (partition by opp order by stay
                    rows between unbounded preceding and 1 preceding) as outcome_before
            from stays window w as (partition by opp order by stay)
        )
        select *, 1 + sum(case when state = 'open' and outcome_before in ('won', 'lost') then 1
            else 0 end) over (partition by opp order by stay rows unbounded preceding) as cycle_no
        from neighbours""",
    "visits": f"""create table visits as
        with timed as (
            select *, row_number() over (partition by opp, cycle_no, stage order by stay)
                    as visit_no,
                date_diff('microsecond', entered_at, coalesce(left_at, getvariable('as_of')))
                    as microseconds,
                {local_day("entered_at")} as entered_day, {local_day("left_at")} as left_day
            from stays where state = 'open'
        )
        select timed.*, sum(microseconds) over (partition by opp, stage) as cumulative,
            first_value(microseconds) over (partition by opp, stage order by stay desc) as latest,
            left_on.working_day_number - entered_on.working_day_number as working_days,
            microseconds / 86400e6 > expected_days as is_overstay
        from timed
        left join built.desk.stages on stage = stage_id
        left join built.marts.dim_dates as entered_on on entered_day = entered_on.date_day
        left join built.marts.dim_dates as left_on
            on coalesce(left_day, getvariable('as_of')::date - 1) = left_on.date_day
        order by opp, entered_at""",
    "day_states": f"""create table day_states as
        with runs as (
            select opp, from_day, instant, {", ".join(STANDING)},
                coalesce(lead(from_day) over w, getvariable('as_of')::date) as next_day
            from versions window w as (partition by opp order by instant)
        ), begun as (
            select * from runs where from_day <> next_day
            window w as (partition by opp order by instant)
            qualify row_number() over w = 1 or {
        of_each("{f} is distinct from lag({f}) over w", STANDING, " or ")
    }
        ), until as (
            select * exclude (next_day), coalesce(lead(from_day) over
                (partition by opp order by instant), getvariable('as_of')::date) as until_day
            from begun
        ), years as (
            select fiscal_year, min(date_day) as first_day, max(date_day) + 1 as next_first
            from built.marts.dim_dates group by fiscal_year
        )
        select until.* exclude (from_day, until_day), greatest(from_day, first_day) as from_day,
            least(until_day, next_first) as until_day, {PLAN_AMOUNT},
            date_trunc('month', close_date)::date as close_month,
            date_trunc('quarter', close_date)::date as close_quarter
        from until join years on from_day < next_first and until_day > first_day
        left join built.intermediate.int_fx_plan_rates as rates
            on rates.currency = until.currency and rates.fiscal_year = years.fiscal_year
        order by opp, from_day""",
    "intervals": """create table intervals as
        with months as (
            select month_start_date as month, max(date_day) + 1 as next_month
            from built.marts.dim_dates group by month
        ), cut as (
            select day_states.* exclude (from_day, until_day, instant),
                plan_amount * probability as weighted, entered_at,
                greatest(from_day, entered_day) as from_day,
                least(until_day, coalesce(left_day, date '9999-12-31')) as until_day
            from day_states join (select opp, entered_at, entered_day, left_day from visits) as stay
                on day_states.opp = stay.opp
                and from_day < coalesce(left_day, date '9999-12-31') and until_day > entered_day
            where state = 'open' and entered_day < coalesce(left_day, date '9999-12-31')
        )
        select cut.* exclude (from_day, until_day), month,
            greatest(from_day, month) as from_day, least(until_day, next_month) as until_day
        from cut join months on from_day < next_month and until_day > month
        order by month, owner_id, opp, from_day""",
    "snapshots": """create table snapshots as
        with events as (
            select from_day as day, owner_id, stage, 1 as n, plan_amount as gross, weighted
            from intervals
            union all
            select until_day, owner_id, stage, -1, -plan_amount, -weighted
            from intervals where until_day < getvariable('as_of')::date
        ), net as (
            select day, owner_id, stage, sum(n)::int as n, sum(gross)::decimal(18, 2) as gross,
                sum(weighted)::decimal(18, 2) as weighted
            from events group by all
        ), so_far as (
            select day, owner_id, stage,
                coalesce(lead(day) over w, getvariable('as_of')::date) as next_day,
                sum(n) over w as n, sum(gross) over w as gross, sum(weighted) over w as weighted
            from net window w as (partition by owner_id, stage order by day)
        )
        select series.day::date as day, owner_id, stage, n::int as n,
            gross::decimal(18, 2) as gross, weighted::decimal(18, 2) as weighted
        from so_far, generate_series(day, next_day - interval 1 day, interval 1 day) series(day)
        where n <> 0
        order by 1, 2, 3""",
    "checkpoint": "checkpoint",
}


def main(warehouse: str, lake: str, file: str) -> None:
    """Run the steps and print what each costs."""
    Path(file).unlink(missing_ok=True)
    with duckdb.connect(file, config={"memory_limit": "4GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        connection.execute("set threads = 2; set enable_progress_bar = false")
        connection.execute("set checkpoint_threshold = '1GB'")
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        connection.execute(
            "set variable as_of = (select max(snapshot_date) + interval 1 day "
            "from built.marts.fct_pipeline_snapshots)"
        )
        for step, sql in STEPS.items():
            started, before = time.perf_counter(), cpu_seconds()
            connection.execute(sql.replace("{lake}", lake))
            wall, cpu = time.perf_counter() - started, cpu_seconds() - before
            print(f"  {step:22} {wall:8.2f} wall {cpu:8.2f} cpu")


def cpu_seconds() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:4])
