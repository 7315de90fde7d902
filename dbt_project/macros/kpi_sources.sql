{# What the desk cannot know of a KPI: which mart and columns it is computed from, and what to mind when reading it. #}
{% macro kpi_sources() -%}
    {%- set sources = {} -%}
    {%- for part in [
        sources_of_deals(), sources_of_revenue(), sources_of_work(), sources_of_leads(), sources_of_quality(),
    ] -%}
        {%- do sources.update(part) -%}
    {%- endfor -%}
    {{ return(sources) }}
{%- endmacro %}

{% macro sources_of_deals() -%}
    {{ return({
        'win_rate': (
            'fct_opportunities', 'is_won, is_lost, is_unqualified, closed_date',
            'Deals reopened since count by their state and their rep of today; mart_win_rates has the rate frozen at the period end.',
        ),
        'won_amount': (
            'fct_opportunities', 'amount, is_won, closed_date',
            'At the plan rate of the fiscal year of closing, for the rep of today; without deals whose currency has no rate.',
        ),
        'created_count': (
            'fct_opportunities', 'created_date, state',
            'Without duplicates merged away, with deals deleted since; for the rep of the day of creation.',
        ),
        'cohort_win_rate': (
            'fct_opportunities', 'is_won, is_unqualified, state, created_date',
            'What is still open counts as not won, so the youngest months look worst (mart_win_rates has the share still open); '
            ~ 'for the rep of the day of creation.',
        ),
        'average_basket': ('fct_opportunities', 'amount, is_won, closed_date', 'Won deals without a known amount are left out.'),
        'qualification_score': (
            'mart_qualifications', 'answered_points, answered_weight, asked_date',
            'Of what is answered only: qualification_answered_share tells how much that is.',
        ),
        'qualification_answered_share': (
            'mart_qualifications', 'answered_weight, grid_weight, asked_date', 'Of deals that were asked at all.',
        ),
        'gross_pipeline': (
            'fct_pipeline_snapshots', 'gross_amount, snapshot_date', 'A level: periods do not add up; unvalued deals are left out.',
        ),
        'weighted_pipeline': (
            'fct_pipeline_snapshots', 'weighted_amount, snapshot_date',
            'Weighs with the chances that reps state: mart_probability_scores tells what they are worth.',
        ),
        'overstay_rate': (
            'fct_stage_visits', 'is_overstay, expected_days, left_date', 'Open visits count on the as-of day, so it moves daily.',
        ),
    }) }}
{%- endmacro %}

{% macro sources_of_revenue() -%}
    {{ return({
        'invoiced_net': (
            'fct_invoice_lines', 'amount, issued_date', 'Credit notes count on their own day, not on that of the invoice.',
        ),
        'margin': ('fct_invoice_lines', 'margin, issued_date', 'Only of lines whose cost is known.'),
        'margin_rate': ('fct_invoice_lines', 'margin, amount, issued_date', 'Lines without a known cost are left out of both parts.'),
        'order_basket': ('fct_invoice_lines', 'amount, order_id, issued_date', 'An order counts when its first invoice is issued.'),
        'unlinked_share': ('fct_invoice_lines', 'amount, opportunity_id, issued_date', 'Where nobody links invoices to deals it is all of them.'),
        'unattributed_share': ('fct_invoice_lines', 'account_id, issued_date', 'Counts lines, not money.'),
        'exact_duplicate_lines': (
            'fct_invoice_lines', 'is_exact_duplicate, issued_date', 'Lines alike may be meant so: they are reported, and stay in the sums.',
        ),
        'collected_net': (
            'fct_invoice_payments', 'collected_net, paid_date', 'By day of paying, at the plan rate of the invoice; what is paid beyond the invoice less its credit notes is left out, '
            ~ 'and a later credit note takes it out of past days too.',
        ),
        'days_to_pay': ('fct_invoices', 'days_to_pay, settled_date', 'Only of settled invoices: overdue_share tells of the others.'),
        'overdue_share': ('fct_invoices', 'open_amount, is_overdue', 'A level, known of the as-of day only.'),
        'disputed_share': ('fct_invoices', 'gross_amount, is_disputed, issued_date', 'By what the invoice says today.'),
    }) }}
{%- endmacro %}

{% macro sources_of_work() -%}
    {{ return({
        'no_show_rate': (
            'fct_activities', 'is_no_show, is_held, is_appointment, activity_date',
            'Appointments whose outcome nobody noted are neither held nor missed.',
        ),
        'administrative_share': (
            'fct_activities', 'minutes, is_selling, activity_date', 'Only logged minutes: what nobody logs is not there.',
        ),
        'forecast_bias': (
            'fct_forecast_accuracy', 'error_amount, actual_amount, period_start_date',
            'Of stated chances x amount 30 days before the end; mart_forecast_errors has the interval and the other methods.',
        ),
        'forecast_error': (
            'fct_forecast_accuracy', 'error_amount, actual_amount, period_start_date',
            'Rep by rep and month by month: too much here does not make up for too little there.',
        ),
        'attaining_share': (
            'mart_attainments', 'is_attained, is_over', 'Of fiscal months that are over; quarters and years are judged in mart_attainments.',
        ),
        'revenue_attainment': (
            'fct_objectives', 'reached, target_to_date', 'In the running month against the part of the target that is due so far.',
        ),
        'no_show_cost': ('fct_activities', 'no_show_cost, is_no_show, activity_date', 'At the loaded rate of the desk: what waiting and booking again took.'),
        'rebooked_share': ('fct_activities', 'is_rebooked, is_no_show, activity_date', 'Young no-shows may still be booked again.'),
        'appointments_per_win': (
            'fct_activities', 'is_held, is_appointment, activity_date', 'Appointments and wins of the same period, not of the same deals.',
        ),
        'unlogged_share': ('mart_sales_effort', 'minutes, is_unlogged, month_start_date', 'Against the working days and minutes of the settings.'),
    }) }}
{%- endmacro %}

{% macro sources_of_leads() -%}
    {{ return({
        'lead_conversion': (
            'fct_leads', 'is_converted, created_date', 'Young leads have had little time: compare months of equal age.',
        ),
        'acquisition_cost': (
            'mart_segment_economics', 'marketing_spend, effort_cost, new_customer_count',
            'Unknown in the first twelve months, when nobody can be told to be a new customer.',
        ),
        'net_of_acquisition': (
            'mart_segment_economics', 'margin, marketing_spend, effort_cost', 'Costs without a segment are shown as unknown, not spread.',
        ),
        'on_target_share': (
            'fct_leads', 'fit, created_date', 'Without leads that said no line of business before a rep got them, or came in before the first criteria; by the criteria of the day on which each came in.',
        ),
        'lead_qualified_rate': (
            'fct_leads', 'days_to_qualify, days_to_convert, created_date', 'Only leads that had 30 days; mart_lead_cohorts has other horizons.',
        ),
        'lead_opportunity_rate': (
            'fct_leads', 'days_to_convert, created_date', 'Only leads that had 90 days; mart_lead_cohorts has other horizons.',
        ),
        'lead_win_rate': ('fct_leads', 'days_to_win, created_date', 'Only leads that had 180 days to be won.'),
        'hours_to_route': ('fct_lead_scores', 'hours_to_route, scored_at', 'Only of leads that were routed: leads_to_route tells of the others.'),
        'lead_score_precision': (
            'fct_lead_scores', 'is_over_threshold, is_converted, scored_at', 'Only leads routed at least 90 days ago.',
        ),
        'leads_to_route': ('fct_lead_scores', 'is_over_threshold, is_frozen', 'A level, known of the as-of day only.'),
        'cost_per_lead': ('fct_campaign_days', 'spend, leads_created, spend_date', 'Spend without a plan rate is left out with its leads.'),
        'accounts_to_requalify': (
            'fct_account_engagements', 'suggested_segment_id, measured_date', 'A level, measured at the ends of months.',
        ),
    }) }}
{%- endmacro %}

{% macro sources_of_quality() -%}
    {{ return({
        'fill_rate': (
            'fct_field_fills', 'filled_count, due_count, snapshot_date', 'A level: periods do not add up; what is waived is due and not filled.',
        ),
        'open_violations': (
            'fct_field_fills', 'missing_count, invalid_count, snapshot_date', 'A level: periods do not add up.',
        ),
        'money_at_risk': (
            'fct_record_completeness', 'amount_at_risk', 'A level, known of the as-of day only; n is the open deals, without faulty ones of unknown amount.',
        ),
        'record_completeness': (
            'fct_record_completeness', 'weight_filled, weight_due', 'A level, known of the as-of day only; by the weights of the desk.',
        ),
        'stale_contact_share': (
            'fct_contact_statuses', 'is_stale, is_departed', 'A level, known of the as-of day only; who has left is out.',
        ),
        'days_until_filled': (
            'fct_field_violations', 'open_days, resolution, resolved_date',
            'Only of fields that were filled: those still empty are in open_violations.',
        ),
    }) }}
{%- endmacro %}
