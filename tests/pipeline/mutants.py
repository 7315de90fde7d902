"""Small faults, each a replacement in the compiled SQL of one model: what a hasty hand would do."""

from tests.pipeline.mutant import Mutant

AS_OF = "cast('@as_of_at@' as timestamp)"
# Which lives are drawn changes with the code around: hypothesis takes constants from it.
DRAWN = "no scenario shows it: random lives do, where the right ones are drawn"
NUMBERED = "the log is numbered in the order of its days, and all that joins it starts alike"
SOURCES = [
    Mutant("stg_crm__opportunities", "probability / 100", "probability / 1.0"),
    Mutant("stg_crm__opportunities", "coalesce(is_deleted, false)", "false"),
    Mutant("stg_crm__opportunity_changes", "/ 100", "/ 10"),
    Mutant("stg_crm__opportunity_changes", "nullif(trim(new_value), '')", "'x'", 2),
    Mutant("stg_crm__opportunity_changes", "'expected_close_date'", "'close_date'"),
    Mutant("int_opportunities_conformed", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_opportunities_conformed", "_extracted_at <", "_extracted_at <="),
    Mutant("int_opportunities_conformed", "by _extracted_at desc", "by _extracted_at"),
    Mutant("int_opportunity_changes_conformed", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_opportunity_changes_conformed", "_extracted_at <", "_extracted_at <=", 1, DRAWN),
    Mutant("int_opportunities_loaded", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_opportunities_loaded", "by _extracted_at,", "by _extracted_at desc,"),
    Mutant("int_opportunities_loaded", "_op = 'delete'", "_op <> 'upsert' and false"),
    Mutant("int_accounts_loaded", f"where _extracted_at < {AS_OF}", "", 1, DRAWN),
    Mutant("int_accounts_loaded", "by _extracted_at,", "by _extracted_at desc,"),
    Mutant(
        "int_fx_plan_rates",
        "currency <> '@reporting_currency@'",
        "true",
        excuse="both readers give the reporting currency 1 before they look at the rate",
    ),
]
VALUES = [
    Mutant("int_opportunity_values_logged", f"changes.changed_at < {AS_OF}", "true", 1, DRAWN),
    Mutant(
        "int_opportunity_values_logged",
        "changes.changed_at <",
        "changes.changed_at <=",
        1,
        DRAWN,
    ),
    Mutant("int_opportunity_values_logged", "greatest(changes", "least(changes"),
    Mutant("int_opportunity_values_logged", "coalesce(new_value, '')", "new_value"),
    Mutant("int_opportunity_values_logged", "coalesce(old_value, '')", "old_value"),
    Mutant("int_opportunity_values_loaded", "or loads.is_vanished", ""),
    Mutant(
        "int_opportunity_values_loaded",
        "lag(field_value) over (partition by opportunity_id, field",
        "lead(field_value) over (partition by opportunity_id, field",
    ),
    Mutant(
        "int_opportunity_values_loaded",
        "lag(field_value) over (partition by opportunity_id, field",
        "lag(field_value) over (partition by opportunity_id",
    ),
    Mutant("int_opportunity_values_loaded", "then told_closed_at", "then known_at"),
    Mutant("int_opportunity_values_loaded", "told_closed_at > previous_known_at and", ""),
    Mutant("int_opportunity_values_changed", "and loaded.field = logged_fields.field", ""),
    Mutant(
        "int_opportunity_values_changed",
        "or (loaded.field = 'is_deleted' and loaded.is_vanished <> loaded.was_vanished)",
        "",
    ),
    Mutant("int_opportunity_values_changed", "logged_fields.field is null\n", "true\n"),
    Mutant(
        "int_opportunity_values_changed",
        "where logged_fields.field is null",
        "",
        excuse="seen only where a log begins after a closing, and which is right is not defined",
    ),
    Mutant(
        "int_opportunity_values_changed",
        "known_at as valid_from,\n        load_no",
        "timestamp '2025-01-01' as valid_from,\n        load_no",
    ),
    Mutant(
        "int_opportunity_closings_reconstructed",
        "greatest(first_loads.closed_at, first_loads.created_at)",
        "first_loads.known_at",
    ),
    Mutant("int_opportunity_closings_reconstructed", "where not is_closed and", "where"),
    Mutant(
        "int_opportunity_closings_reconstructed",
        "min_by(stage_id, position)",
        "max_by(stage_id, position)",
    ),
    Mutant("int_opportunity_values_loaded", "qualify load_no > 1", "qualify load_no > 2"),
    Mutant("int_opportunity_values_loaded", "qualify count(*) over", "qualify -1 + count(*) over"),
    Mutant(
        "int_opportunity_values_started", "row(valid_from, sequence)", "row(sequence)", 0, NUMBERED
    ),
    Mutant("int_opportunity_values_started", "row(valid_from, sequence)", "row(-sequence)", 0),
    Mutant(
        "int_opportunity_values_started",
        "row(valid_from, sequence)",
        "row(valid_from, -sequence)",
        0,
    ),
    Mutant("int_opportunity_values_started", "min_by(", "max_by(", 0),
    Mutant("int_opportunity_values_started", "coalesce(first_changes.amount_doc, ", "coalesce("),
    Mutant("int_opportunity_values_started", "where load_no = 1", "where load_no = 2"),
    Mutant("int_opportunity_values_started", "where is_start", "where not is_start"),
    Mutant(
        "int_opportunity_values_started",
        "left outer join first_changes",
        "inner join first_changes",
    ),
    Mutant("int_opportunity_segments_loaded", "load_no > start_load_no and", ""),
]
VERSIONS = [
    Mutant(
        "int_opportunities_versioned",
        "max_by(new_value, sequence)",
        "min_by(new_value, sequence)",
        0,
    ),
    Mutant("int_opportunities_versioned", "), started.amount_doc)", "), '')"),
    Mutant(
        "int_opportunities_versioned",
        "order by settled.valid_from)",
        "order by settled.valid_from desc)",
        0,
    ),
    Mutant(
        "int_opportunities_versioned",
        "amount_doc is distinct from lag",
        "amount_doc <> lag",
        excuse="values are text here and never NULL; the first row is let in by its number",
    ),
    Mutant(
        "int_opportunities_versioned",
        "or rep_id is distinct from lag(rep_id)",
        "or false and rep_id is distinct from lag(rep_id)",
    ),
    Mutant("int_opportunities_versioned", "ignore nulls", "respect nulls", 2),
    Mutant("int_opportunities_versioned", "lead(valid_from)", "lag(valid_from)"),
    Mutant("int_opportunities_versioned", "coalesce(dated.is_deleted, false)", "false"),
    Mutant("int_opportunities_versioned", "dated.merged_into_id is not null", "false"),
    Mutant("int_opportunities_versioned", "when stages.is_won then 'won'", ""),
    Mutant("int_opportunities_versioned", "when not stages.is_closed then 'open'", "else 'open'"),
    Mutant("int_opportunities_versioned", "not witnesses.has_stage_log and", ""),
    Mutant(
        "int_opportunities_versioned", "< witnesses.first_known_at", "<= witnesses.first_known_at"
    ),
    Mutant(
        "int_opportunities_versioned",
        "last_value(settled.amount_doc ignore nulls)",
        "last_value(settled.amount_doc)",
    ),
    Mutant("int_opportunities_versioned", "left outer join stages", "inner join stages"),
    Mutant("int_opportunities_versioned", "max(known_at)", "min(known_at)"),
    Mutant("fct_opportunity_versions", "= plan_rates.fiscal_year", "= plan_rates.fiscal_year + 1"),
    Mutant("fct_opportunity_versions", ">= 4 then", "> 4 then"),
    Mutant("fct_opportunity_versions", "else plan_rates.rate", "else coalesce(plan_rates.rate, 1)"),
    Mutant(
        "fct_opportunity_versions",
        "timezone('@business_tz@', timezone('UTC', valid_to))",
        "valid_to",
    ),
    Mutant("fct_opportunity_versions", "left outer join plan_rates", "inner join plan_rates"),
]
VISITS = [
    Mutant("int_stage_spells", "and state = state_before", ""),
    Mutant("int_stage_spells", "stage_id = stage_id_before and", ""),
    Mutant("int_stage_spells", "order by valid_from desc", "order by valid_from"),
    Mutant("int_stage_spells", "min(valid_from)", "max(valid_from)"),
    Mutant(
        "int_stage_spells", "previous_outcome in ('won', 'lost')", "previous_outcome in ('won')"
    ),
    Mutant("int_stage_spells", "previous_outcome in ('won'", "previous_state in ('won'"),
    Mutant("int_stage_spells", "1 + sum", "sum"),
    Mutant("int_stage_spells", "lead(entered_at)", "lag(entered_at)"),
    Mutant(
        "int_stage_spells",
        "lead(entered_at) over (partition by opportunity_id order",
        "lead(entered_at) over (order",
    ),
    Mutant("int_stage_spells", "lag(stage_position)", "lead(stage_position)"),
    Mutant(
        "fct_stage_visits",
        "spells.entered_at, coalesce(spells.left_at, cast('@as_of_at@' as timestamp))",
        "coalesce(spells.left_at, cast('@as_of_at@' as timestamp)), spells.entered_at",
    ),
    Mutant("fct_stage_visits", "spells.cycle_no, ", ""),
    Mutant("fct_stage_visits", "'microsecond'", "'day'"),
    Mutant("fct_stage_visits", "where spells.state = 'open'", "where spells.state <> 'won'"),
    Mutant(
        "fct_stage_visits",
        "dated.days > stages.expected_days",
        "dated.days >= stages.expected_days",
    ),
    Mutant("fct_stage_visits", "order by spell_no desc", "order by spell_no"),
    Mutant(
        "fct_stage_visits",
        "sum(days) over (partition by opportunity_id, stage_id)",
        "sum(days) over (partition by opportunity_id)",
    ),
    Mutant(
        "fct_stage_visits", "next_position - stage_position - 1", "next_position - stage_position"
    ),
    Mutant(
        "fct_stage_visits",
        "previous_position - stage_position",
        "stage_position - previous_position",
    ),
    Mutant(
        "fct_stage_visits",
        "next_position = stage_position + 1",
        "next_position >= stage_position + 1",
    ),
    Mutant(
        "fct_stage_visits",
        "dated.left_date, cast('@as_of_date@' as date)",
        "dated.left_date, date '2099-01-01'",
    ),
]
DAYS = [
    Mutant("int_opportunity_day_runs", "is distinct from valid_to_date", "<> valid_to_date"),
    Mutant("int_opportunity_day_runs", "where valid_from_date is distinct from valid_to_date", ""),
    Mutant(
        "int_opportunity_day_runs",
        "cast('@as_of_date@' as date) + cast(1 as",
        "cast('@as_of_date@' as date) + cast(0 as",
    ),
    Mutant("fct_opportunity_day_states", "and cut.fiscal_year = plan_rates.fiscal_year", ""),
    Mutant("fct_opportunity_day_states", "cut.fiscal_year = plan", "cut.fiscal_year - 1 = plan"),
    Mutant(
        "fct_opportunity_day_states", "else plan_rates.rate", "else coalesce(plan_rates.rate, 1)"
    ),
    Mutant("fct_opportunity_day_states", "greatest(day_runs", "least(day_runs"),
    Mutant("fct_opportunity_day_states", "until_date > fiscal", "until_date >= fiscal"),
    Mutant("fct_opportunity_day_states", "coalesce(valued.rep_id, 'unassigned')", "valued.rep_id"),
    Mutant("fct_opportunity_day_states", "plan_amount * valued.win_probability", "plan_amount"),
    Mutant("fct_pipeline_intervals", "where day_states.state = 'open'", ""),
    Mutant("fct_pipeline_intervals", "+ cast(1 as integer)", "+ cast(0 as integer)"),
    Mutant("fct_pipeline_intervals", "until_date > months", "until_date >= months"),
    Mutant("fct_pipeline_intervals", "least(day_states", "greatest(day_states"),
    Mutant("fct_pipeline_snapshots", "-1 as open_count", "0 as open_count"),
    Mutant("fct_pipeline_snapshots", "-coalesce(weighted_amount, 0)", "-coalesce(amount, 0)"),
    Mutant("fct_pipeline_snapshots", "amount_doc is not null and plan_rate", "plan_rate"),
    Mutant("fct_pipeline_snapshots", "and plan_rate is null", "and amount is not null"),
    Mutant("fct_pipeline_snapshots", "-case when amount_doc", "case when amount_doc"),
    Mutant("fct_pipeline_snapshots", "coalesce(amount, 0)", "amount"),
    Mutant("fct_pipeline_snapshots", "as timestamp) - interval 1 day, ", "as timestamp), "),
    Mutant("fct_pipeline_snapshots", "move_date as from_date", "move_date + 1 as from_date"),
    Mutant(
        "fct_pipeline_snapshots",
        "lead(move_date) over (partition by rep_id, team, stage_id",
        "lead(move_date) over (partition by rep_id",
    ),
    Mutant("fct_pipeline_snapshots", "where open_count <> 0", ""),
    Mutant(
        "fct_segment_snapshots",
        "lead(move_date) over (partition by known_segment_id, origin,",
        "lead(move_date) over (partition by known_segment_id,",
        1,
        DRAWN,
    ),
    Mutant("fct_segment_snapshots", "coalesce(segment_id, 'unknown')", "segment_id"),
]
MOVEMENTS = [
    Mutant(
        "int_day_state_changes",
        "by opportunity_id order by from_date",
        "by opportunity_id order by from_date desc",
    ),
    Mutant("int_day_state_changes", "by opportunity_id order", "by rep_id order"),
    Mutant("int_day_state_changes", "when currency = previous_currency", "when true"),
    Mutant("int_day_state_changes", "* previous_plan_rate", "* plan_rate"),
    Mutant("int_day_state_changes", "when previous_plan_rate is null", "when false"),
    Mutant("int_day_state_changes", "when plan_rate is null", "when false"),
    Mutant("int_day_state_changes", "coalesce(amount_doc, 0) * previous", "amount_doc * previous"),
    Mutant("int_day_state_changes", "lag(team)", "lead(team)"),
    Mutant("int_day_state_changes", "coalesce(previous_team, '')", "coalesce(team, '')"),
    Mutant("int_day_state_changes", "lag(close_quarter_date)", "lag(close_month_date)"),
    Mutant("int_day_state_changes", "coalesce(amount, 0)", "amount"),
    Mutant(
        "int_day_state_changes",
        "coalesce(previous_state = 'open', false)",
        "previous_state = 'open'",
    ),
    Mutant(
        "int_day_state_changes", "coalesce(close_month_date, date '9999-12-01')", "close_month_date"
    ),
    Mutant(
        "fct_opportunity_day_states",
        "date_trunc('month', valued.expected",
        "date_trunc('year', valued.expected",
    ),
    Mutant(
        "fct_opportunity_day_states",
        "date_trunc('quarter', date_trunc",
        "(date_trunc",
        1,
        DRAWN,
    ),
    Mutant("fct_pipeline_movements", "in ('deleted', 'merged')", "in ('deleted')", 3),
    Mutant("fct_pipeline_movements", "not in ('deleted', 'merged')", "not in ('deleted')"),
    Mutant(
        "fct_pipeline_movements",
        "not in ('deleted', 'merged')",
        "not in ('merged')",
        2,
        DRAWN,
    ),
    Mutant("fct_pipeline_movements", "in ('won', 'lost')", "in ('lost')"),
    Mutant("fct_pipeline_movements", "where is_in and not was_in and", "where is_in and"),
    Mutant("fct_pipeline_movements", "or team <> previous_team", ""),
    Mutant("fct_pipeline_movements", "or team <> previous_team", "", 2),
    Mutant("fct_pipeline_movements", "rep_id <> previous_rep_id or", ""),
    Mutant("fct_pipeline_movements", "-amount as amount", "-previous_amount as amount"),
    Mutant("fct_pipeline_movements", "previous_rep_id as rep_id", "rep_id as rep_id"),
    Mutant("fct_pipeline_movements", "previous_rep_id as rep_id", "rep_id as rep_id", 4),
    Mutant("fct_pipeline_movements", "previous_team as team", "team as team"),
    Mutant("fct_pipeline_movements", "previous_team as team", "team as team", 4),
    *(
        Mutant(
            "fct_pipeline_movements",
            "previous_close_month_date as close_month_date",
            "close_month_date as close_month_date",
            number,
        )
        for number in (2, 3, 4, 6, 7)
    ),
    Mutant(
        "fct_pipeline_movements",
        "previous_close_quarter_date as close_quarter_date",
        "close_quarter_date as close_quarter_date",
        3,
    ),
    Mutant(
        "fct_pipeline_movements",
        "previous_segment_id as segment_id",
        "segment_id as segment_id",
        3,
    ),
    Mutant(
        "fct_pipeline_movements",
        "close_month_date > previous_close_month_date",
        "close_month_date < previous_close_month_date",
        0,
    ),
    Mutant("fct_pipeline_movements", "where deal_count <> 0 or amount <> 0", "where amount <> 0"),
    Mutant(
        "fct_pipeline_movements", "where deal_count <> 0 or amount <> 0", "where deal_count <> 0"
    ),
    Mutant("fct_pipeline_movements", "where is_taken_over", "where is_in and not was_in"),
]
TEAMS = [
    Mutant("int_reps_loaded", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_rep_teams_dated", "order by load_no desc", "order by load_no"),
    Mutant(
        "int_rep_teams_dated",
        "where not is_vanished",
        "",
        excuse="a rep who vanishes keeps what the last load said: the team does not change",
    ),
    Mutant("int_rep_teams_dated", "team is distinct from lag(team)", "team <> lag(team)"),
    Mutant("int_rep_teams_dated", "when is_first then date '0001-01-01'", "when false then null"),
    Mutant("int_rep_teams_dated", "lead(told_date)", "lag(told_date)"),
    Mutant(
        "int_rep_teams_dated",
        "or team is distinct from lag(team)",
        "or team is not null and 1 = 0 and lag(team)",
    ),
    Mutant(
        "int_opportunity_day_runs", "from_date < teams.until_date", "from_date <= teams.until_date"
    ),
    Mutant(
        "int_opportunity_day_runs", "until_date > teams.from_date", "until_date >= teams.from_date"
    ),
    Mutant("int_opportunity_day_runs", "greatest(runs", "least(runs"),
    Mutant("int_opportunity_day_runs", "left outer join teams", "inner join teams"),
]
PRUNING = "it only spares reading: what is open at the start was not closed until the end"
ANY_DAY = [
    Mutant("any_day", old, new, nth, PRUNING if "400" in new else "")
    for old, new, nth in (
        ("intervals.from_date <= day", "intervals.from_date < day", 1),
        ("intervals.until_date > day", "intervals.until_date >= day", 1),
        ("date_trunc('month', day)::date", "from_date", 1),
        ("when to_day > last_day", "when to_day > last_day + 1", 1),
        ("from_day > to_day", "from_day > to_day + 1", 1),
        ("and is_known_window(from_day, to_day)", "", 0),
        ("and from_date <= from_day", "and from_date < from_day", 1),
        ("and until_date > from_day", "and until_date >= from_day", 1),
        ("and from_date <= to_day", "and from_date < to_day", 1),
        ("and until_date > to_day", "and until_date >= to_day", 1),
        ("and from_date > from_day", "and from_date >= from_day - 400", 1),
        ("and from_date <= to_day", "and from_date < to_day", 2),
        ("and until_date > to_day", "", 2),
        ("and from_date <= from_day", "and from_date < from_day", 2),
        ("and until_date > from_day", "and until_date >= from_day", 2),
        ("and until_date <= to_day", "and until_date < to_day", 1),
        ("full join end_deals", "left join end_deals", 1),
        ("full join end_deals", "inner join end_deals", 1),
        ("else closed_before.state end", "end", 1),
        ("else closed_later.state end", "else 'lost' end", 1),
        ("coalesce(start_deals.rep_id, closed_before.rep_id)", "start_deals.rep_id", 1),
        ("coalesce(end_deals.rep_id, closed_later.rep_id)", "end_deals.rep_id", 1),
        ("coalesce(start_deals.team, closed_before.team, 'unknown')", "start_deals.team", 1),
        ("closed_later.team, ", "", 1),
        ("coalesce(end_deals.amount, closed_later.amount)", "end_deals.amount", 1),
        ("coalesce(end_deals.amount_doc, closed_later.amount_doc)", "end_deals.amount_doc", 1),
        ("coalesce(end_deals.plan_rate, closed_later.plan_rate)", "end_deals.plan_rate", 1),
        ("coalesce(end_deals.currency, closed_later.currency)", "end_deals.currency", 1),
        ("and now.from_date > from_day", "and now.from_date >= from_day", 1),
        ("and now.from_date <= to_day", "and now.from_date < to_day", 1),
        ("now.from_date = was.until_date", "now.from_date >= was.until_date", 1),
        ("or was.state = 'open'", "", 1),
        ("when old_plan_rate is null then", "when false then", 1),
        ("when new_currency = old_currency", "when true", 1),
        ("when new_plan_rate is null then", "when false then", 1),
        ("* old_plan_rate", "* new_plan_rate", 1),
        ("('rep_quarter', 'rep', 'quarter')", "('rep_quarter', 'rep', 'month')", 1),
        ("('team_month', 'team', 'month')", "('team_month', 'rep', 'month')", 1),
        ("when 'month' then old_month", "when 'month' then new_month", 1),
        ("when 'quarter' then new_quarter", "when 'quarter' then old_quarter", 1),
        ("when 'team' then old_team", "when 'team' then new_team", 1),
        ("when 'rep' then new_rep_id", "when 'rep' then old_rep_id", 1),
        ("old_rep_id is distinct from new_rep_id", "false", 1),
        ("old_team <> new_team", "false", 1),
        ("old_segment_id is distinct from new_segment_id", "old_segment_id <> new_segment_id", 1),
        ("coalesce(new_period, date '9999-12-31')", "coalesce(new_period, date '0001-01-01')", 1),
        ("is not distinct from new_period", "= new_period", 1),
        ("and not is_transferred and not is_resegmented", "and not is_resegmented", 1),
        ("and not is_resegmented as", "as", 1),
        ("> old_amount then 'increased'", "< old_amount then 'increased'", 1),
        ("new_amount_at_old_rate - old_amount", "new_amount - old_amount", 1),
        ("when new_state in ('deleted', 'merged') then new_state", "", 1),
        ("when is_transferred then 'transferred_out'", "", 1),
        ("when is_resegmented then 'resegmented_out'", "", 1),
        ("when is_later then 'pushed_out'", "when not is_later then 'pushed_out'", 1),
        ("when old_state in ('deleted', 'merged')", "when old_state in ('deleted')", 1),
        ("when is_transferred then 'transferred_in'", "", 1),
        ("when not was_open then 'reopened'", "", 1),
        ("when is_later then 'pushed_in'", "when not is_later then 'pushed_in'", 1),
        ("where is_open and not is_same", "where is_open", 1),
        ("where was_open and not is_same", "where not is_open", 1),
        ("-new_amount\n", "-old_amount\n", 1),
        ("given_day(to_day), false);\n\n-- The sum", "given_day(to_day), true);\n\n-- The sum", 1),
    )
]
MUTANTS = [*SOURCES, *VALUES, *VERSIONS, *VISITS, *DAYS, *MOVEMENTS, *TEAMS, *ANY_DAY]
