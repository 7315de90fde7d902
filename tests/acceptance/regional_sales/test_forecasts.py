"""The same CRM extract: what its chances were worth. The set has no change log.

What was stated before a deal closed is therefore inferred from its latest values: every row here is
marked is_reconstructed, and nothing of it enters a measure of how reliable the reps are.
"""

from decimal import Decimal

# Eight deals close on the day after the extract's own.
AS_OF = "2021-11-10"
LAST_WORD = "method = 'stated' and outcome = 'ever_won' and horizon_days = 0"


def test_expected_against_won_and_brier_by_last_stage(published):
    """B13: 15,072,176.50 expected against 26,435,925 won, Brier 0.187029."""
    rows = published.rows(f"""
        select member, case_count, stated_value, won_value, round(brier, 6), unresolved_count,
            is_reconstructed
        from marts.mart_probability_scores
        where level in ('company', 'stage') and {LAST_WORD} order by stated_value / case_count
    """)
    assert rows == [
        ("qualify", 7355, Decimal("2323835.10"), 2749666, 0.09843, 0, True),
        ("develop", 3414, Decimal("3447671.10"), 8982380, 0.391347, 0, True),
        ("all", 14667, Decimal("15072176.50"), 26435925, 0.187029, 0, True),
        ("propose", 2684, Decimal("4922065.00"), 9838762, 0.25, 0, True),
        ("close", 1214, Decimal("4378605.30"), 4865117, 0.01, 0, True),
    ]


def test_calibration_by_stated_level(published):
    """B3 and B13: of what was given 10, 30, 50 and 90 %, 11, 75, 100 and 100 % were won."""
    rows = published.rows(f"""
        select bin_no, case_count, won_count, round(mean_stated, 6), round(100 * observed, 3)
        from marts.fct_probability_calibration
        where level = 'company' and {LAST_WORD} order by bin_no
    """)
    assert rows == [
        (1, 7355, 813, 0.1, 11.054),
        (3, 3414, 2572, 0.3, 75.337),
        (5, 2684, 2683, 0.5, 99.963),
        (9, 1214, 1214, 0.9, 100),
    ]


def test_each_tenth_holds_one_stated_level_so_murphys_parts_are_the_whole_score(published):
    (within, parts, brier) = published.row(f"""
        select within_bin, reliability - resolution + uncertainty, brier
        from marts.mart_probability_scores where level = 'company' and {LAST_WORD}
    """)
    assert abs(within) < 1e-12
    assert abs(parts - brier) < 1e-12


def test_nothing_told_with_hindsight_counts_as_reliability(published):
    """Statements are there, in rows of their own; errors, slips and directions are not."""
    assert published.row("""
        select count(*) > 0, bool_and(is_reconstructed)
        from marts.fct_forecast_statements where deal_count > 0
    """) == (True, True)
    for mart in ("mart_forecast_errors", "mart_forecast_reliability", "mart_close_date_slips"):
        assert published.row(f"select count(*) from marts.{mart}") == (0,), mart
    assert published.row("""
        select count(*), count(calibrated_probability) from marts.mart_probability_factors
    """) == (5333, 0)


def test_without_categories_and_submissions_these_methods_state_nothing(published):
    rows = published.rows("""
        select distinct method from marts.fct_forecast_statements where deal_count > 0 order by 1
    """)
    assert [method for (method,) in rows] == ["linear_pace", "seasonal_naive", "stated_probability"]
