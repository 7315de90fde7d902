"""Small faults, each a replacement in the compiled SQL of one model: what a hasty hand would do."""

from tests.pipeline.mutant import Mutant

AS_OF = "cast('@as_of_at@' as timestamp)"
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
    Mutant("int_opportunity_changes_conformed", "_extracted_at <", "_extracted_at <="),
    Mutant("int_opportunities_loaded", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_opportunities_loaded", "by _extracted_at,", "by _extracted_at desc,"),
    Mutant("int_opportunities_loaded", "_op = 'delete'", "_op <> 'upsert' and false"),
    Mutant("int_accounts_loaded", f"where _extracted_at < {AS_OF}", ""),
    Mutant("int_accounts_loaded", "by _extracted_at,", "by _extracted_at desc,"),
    Mutant(
        "int_fx_plan_rates",
        "currency <> '@reporting_currency@'",
        "true",
        excuse="both readers give the reporting currency 1 before they look at the rate",
    ),
]
VALUES = [
    Mutant("int_opportunity_values_logged", f"changes.changed_at < {AS_OF}", "true"),
    Mutant("int_opportunity_values_logged", "changes.changed_at <", "changes.changed_at <="),
    Mutant("int_opportunity_values_logged", "greatest(changes", "least(changes"),
    Mutant("int_opportunity_values_logged", "coalesce(changes.new_value, '')", "changes.new_value"),
    Mutant("int_opportunity_values_logged", "coalesce(changes.old_value, '')", "changes.old_value"),
    Mutant("int_opportunity_values_loaded", "or is_vanished", ""),
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
    Mutant("int_opportunity_values_loaded", "then closed_at", "then known_at", 0),
    Mutant("int_opportunity_values_loaded", "closed_at > previous_known_at and", "", 0),
    Mutant(
        "int_opportunity_values_changed",
        "loaded.load_no > 1",
        "loaded.load_no >= 1",
        excuse="the first load has no previous value: the next condition is NULL",
    ),
    Mutant("int_opportunity_values_changed", "loaded.load_no > 1", "loaded.load_no > 2"),
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
    Mutant("int_opportunity_closings_reconstructed", "where not is_closed", ""),
    Mutant(
        "int_opportunity_closings_reconstructed",
        "min_by(stage_id, position)",
        "max_by(stage_id, position)",
    ),
    Mutant("int_opportunity_values_started", "order by valid_from, sequence", "order by sequence"),
    Mutant(
        "int_opportunity_values_started",
        "order by valid_from, sequence",
        "order by valid_from desc, sequence",
    ),
    Mutant(
        "int_opportunity_values_started",
        "coalesce(first_changes.old_value, first_values.field_value)",
        "first_values.field_value",
    ),
    Mutant(
        "int_opportunity_values_started",
        "where load_no = 1",
        "where load_no >= 1",
        excuse="a field that never changed says the same in every load",
    ),
    Mutant("int_opportunity_segments_loaded", "accounts.load_no = 1 or", ""),
]
VERSIONS = [
    Mutant("int_opportunities_versioned", "order by sequence desc", "order by sequence"),
    Mutant(
        "int_opportunities_versioned",
        "by opportunity_id, field, valid_from",
        "by opportunity_id, valid_from",
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
    Mutant("int_opportunities_versioned", "coalesce(typed.is_deleted, false)", "false"),
    Mutant("int_opportunities_versioned", "typed.merged_into_id is not null", "false"),
    Mutant("int_opportunities_versioned", "when stages.is_won then 'won'", ""),
    Mutant("int_opportunities_versioned", "when not stages.is_closed then 'open'", "else 'open'"),
    Mutant("int_opportunities_versioned", "logs.opportunity_id is null and", ""),
    Mutant("int_opportunities_versioned", "< first_loads.known_at", "<= first_loads.known_at"),
    Mutant("int_opportunities_versioned", "nullif(amount_doc, '')", "nullif(amount_doc, '0.00')"),
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
    Mutant("int_stage_spells", "max_by(rep_id, valid_from)", "min_by(rep_id, valid_from)"),
    Mutant("int_stage_spells", "min(valid_from)", "max(valid_from)"),
    Mutant("int_stage_spells", "previous_state in ('won', 'lost')", "previous_state in ('won')"),
    Mutant("int_stage_spells", "previous_state in ('won', 'lost')", "previous_state <> 'open'"),
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
    Mutant("fct_pipeline_snapshots", "-coalesce(weighted_amount, 0)", "-coalesce(gross_amount, 0)"),
    Mutant("fct_pipeline_snapshots", "coalesce(amount, 0)", "amount"),
    Mutant("fct_pipeline_snapshots", "until_date > dates", "until_date >= dates"),
    Mutant("fct_pipeline_snapshots", "from_date <= dates", "from_date < dates"),
    Mutant(
        "fct_pipeline_snapshots",
        "lead(move_date) over (partition by rep_id, stage_id",
        "lead(move_date) over (partition by rep_id",
    ),
    Mutant("fct_pipeline_snapshots", "where balances.open_count <> 0", ""),
    Mutant(
        "fct_segment_snapshots",
        "lead(move_date) over (partition by known_segment_id, origin,",
        "lead(move_date) over (partition by known_segment_id,",
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
    Mutant("int_day_state_changes", "currency = previous_currency and", ""),
    Mutant("int_day_state_changes", "* previous_plan_rate", "* plan_rate"),
    Mutant("int_day_state_changes", "coalesce(amount, 0)", "amount"),
    Mutant(
        "int_day_state_changes",
        "coalesce(previous_state = 'open', false)",
        "previous_state = 'open'",
    ),
    Mutant(
        "int_day_state_changes", "coalesce(close_month_date, date '9999-12-01')", "close_month_date"
    ),
    Mutant("int_day_state_changes", "date_trunc('month', expected", "date_trunc('year', expected"),
    Mutant("fct_pipeline_movements", "in ('deleted', 'merged')", "in ('deleted')"),
    Mutant("fct_pipeline_movements", "in ('won', 'lost')", "in ('lost')"),
    Mutant("fct_pipeline_movements", "where is_in and not was_in", "where is_in"),
    Mutant("fct_pipeline_movements", "-amount as amount", "-previous_amount as amount"),
    Mutant("fct_pipeline_movements", "previous_rep_id as rep_id", "rep_id as rep_id"),
    Mutant("fct_pipeline_movements", "previous_rep_id as rep_id", "rep_id as rep_id", 3),
    Mutant(
        "fct_pipeline_movements",
        "previous_close_month_date as close_month_date",
        "close_month_date as close_month_date",
        3,
    ),
    Mutant(
        "fct_pipeline_movements",
        "previous_close_month_date as close_month_date",
        "close_month_date as close_month_date",
        5,
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
    Mutant("fct_pipeline_movements", "where was_in and is_in and rep_id", "where is_in and rep_id"),
]
MUTANTS = [*SOURCES, *VALUES, *VERSIONS, *VISITS, *DAYS, *MOVEMENTS]
