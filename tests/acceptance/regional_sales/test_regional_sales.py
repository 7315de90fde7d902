"""A CRM extract of 20,000 opportunities: its reference figures, out of the published marts.

The figures were worked out on the files as they are, by queries that know nothing of this project.
"""

from datetime import date
from decimal import Decimal

AS_OF = "2021-11-09"

# Won among closed, in per cent, as the set's own report defines its close rate.
CLOSE_PCT = "100.0 * count(*) filter (where is_won) / count(*) filter (where is_won or is_lost)"
# Custom field: the days that the CRM still grants to an open opportunity.
DAYS_LEFT = "cast(custom_fields ->> 'days_remaining_in_pipeline' as integer)"


def test_opportunities_by_state(published):
    """B1: counts, value, discount and days to close by status."""
    rows = published.rows("""
        select state, count(*), sum(amount), round(avg(amount), 2),
            round(avg(cast(custom_fields ->> 'discount' as double)), 5),
            round(avg(cast(custom_fields ->> 'days_to_close' as integer)), 3),
            median(cast(custom_fields ->> 'days_to_close' as integer)),
            min(created_date), max(created_date), min(expected_close_date), max(expected_close_date)
        from marts.fct_opportunities group by state order by state
    """)
    assert rows == [
        ("lost", 7385, 23003910, 3114.95, 0.10436, 94.624, 94,
         date(2019, 6, 22), date(2021, 9, 16), date(2019, 8, 24), date(2021, 11, 10)),
        ("open", 5333, 27812381, 5215.15, 0.11001, 115.918, 116,
         date(2021, 5, 17), date(2021, 11, 9), date(2021, 11, 9), date(2022, 5, 1)),
        ("won", 7282, 26435925, 3630.31, 0.10996, 121.116, 120,
         date(2019, 6, 22), date(2021, 8, 12), date(2019, 10, 5), date(2021, 11, 10)),
    ]  # fmt: skip


def test_a_closed_opportunity_closes_on_the_day_the_crm_says(published):
    """B1: no exception among the closed ones, no day of closing among the open ones."""
    wrong = published.row("""
        select
            count(*) filter (
                where not is_open and closed_date is distinct from expected_close_date
            ),
            count(*) filter (where is_open and closed_date is not null)
        from marts.fct_opportunities
    """)
    assert wrong == (0, 0)


def test_close_rate_and_pipeline(published):
    """B2: 49.6489 %; won, open, weighted open, open past the first stage, open by win ratio."""
    row = published.row(f"""
        select
            round({CLOSE_PCT}, 4),
            sum(amount) filter (where is_won),
            sum(amount) filter (where is_open),
            sum(weighted_amount) filter (where is_open),
            sum(amount) filter (where is_open and stage_id <> 'qualify'),
            round(
                sum(amount) filter (where is_open) * count(*) filter (where is_won)
                / count(*) filter (where is_won or is_lost), 2
            )
        from marts.fct_opportunities
    """)
    assert row == (49.6489, 26435925, 27812381, Decimal("10893405.50"), 19900361, 13808533.34)


def test_win_rate_rises_with_the_last_stage_reached(published):
    """B3: won, lost and open by last stage, what is open there and how long it may still stay."""
    rows = published.rows(f"""
        select last_open_stage_id, max(win_probability) as chance, min(win_probability),
            count(*) filter (where is_won), count(*) filter (where is_lost),
            count(*) filter (where is_open),
            round({CLOSE_PCT}, 3),
            sum(amount) filter (where is_open),
            sum(weighted_amount) filter (where is_open),
            round(avg({DAYS_LEFT}) filter (where is_open), 3),
            count(*) filter (where is_open and {DAYS_LEFT} < 0)
        from marts.fct_opportunities group by last_open_stage_id order by chance
    """)
    assert rows == [
        ("qualify", Decimal("0.1"), Decimal("0.1"), 813, 6542, 1658, 11.054,
         7912020, Decimal("791202.00"), -22.13, 1311),
        ("develop", Decimal("0.3"), Decimal("0.3"), 2572, 842, 1578, 75.337,
         8170415, Decimal("2451124.50"), -5.714, 902),
        ("propose", Decimal("0.5"), Decimal("0.5"), 2683, 1, 1325, 99.963,
         7264681, Decimal("3632340.50"), 17.049, 380),
        ("close", Decimal("0.9"), Decimal("0.9"), 1214, 0, 772, 100,
         4465265, Decimal("4018738.50"), 40.126, 120),
    ]  # fmt: skip


def test_open_pipeline_of_past_quarter_ends(published):
    """B11: created by that day and not yet closed, at the last known amount and chance."""
    rows = published.rows("""
        select snapshot_date, sum(open_count), sum(gross_amount), sum(weighted_amount)
        from marts.fct_pipeline_snapshots
        where snapshot_date in (
            '2019-12-31', '2020-03-31', '2020-06-30', '2020-09-30',
            '2020-12-31', '2021-03-31', '2021-06-30', '2021-09-30', '2021-11-09'
        )
        group by snapshot_date order by snapshot_date
    """)
    assert rows == [
        (date(2019, 12, 31), 1311, 2352345, Decimal("704137.50")),
        (date(2020, 3, 31), 1430, 3192505, Decimal("1082929.30")),
        (date(2020, 6, 30), 1563, 4117723, Decimal("1648981.10")),
        (date(2020, 9, 30), 1684, 5141020, Decimal("2526784.40")),
        (date(2020, 12, 31), 2488, 8864635, Decimal("2794449.50")),
        (date(2021, 3, 31), 2785, 11263172, Decimal("3675845.20")),
        (date(2021, 6, 30), 2997, 13604991, Decimal("6032749.90")),
        (date(2021, 9, 30), 5358, 26910696, Decimal("8776051.20")),
        # Eight deals that close the day after are still open at the end of this one.
        (date(2021, 11, 9), 5341, 27852778, Decimal("10899593.80")),
    ]


def test_teams(published):
    """B5: one team per manager."""
    rows = published.rows(f"""
        select team, count(distinct rep_id), count(*), count(*) filter (where is_won),
            sum(amount) filter (where is_won) as revenue,
            round({CLOSE_PCT}, 2),
            sum(amount) filter (where is_open)
        from marts.fct_opportunities inner join marts.dim_reps using (rep_id)
        group by team order by revenue desc
    """)
    assert rows == [
        ("Amelie Garner", 7, 7255, 2647, 9815874, 49.47, 9956159),
        ("Peyton Davis", 6, 5384, 2446, 8599357, 63.53, 8047638),
        ("Ethan Brooks", 6, 7361, 2189, 8020694, 40.05, 9808584),
    ]


def test_reps(published):
    """B6: opportunities, wins, revenue and close rate of the 19 reps that have any."""
    rows = published.rows(f"""
        select rep_name, team, count(*), count(*) filter (where is_won),
            sum(amount) filter (where is_won) as revenue,
            round({CLOSE_PCT}, 2)
        from marts.fct_opportunities inner join marts.dim_reps using (rep_id)
        group by rep_name, team order by revenue desc
    """)
    assert rows == [
        ("Riley Johnson", "Peyton Davis", 2167, 994, 3439781, 64.50),
        ("Alicia Thomber", "Amelie Garner", 1284, 579, 2101657, 63.21),
        ("Greg Winston", "Amelie Garner", 1101, 548, 1995582, 72.20),
        ("Dan Jump", "Ethan Brooks", 1016, 512, 1790231, 75.07),
        ("Eric Gruber", "Ethan Brooks", 1419, 465, 1754589, 44.29),
        ("Renee Lo", "Ethan Brooks", 1744, 383, 1487557, 28.69),
        ("Alan Steiner", "Amelie Garner", 1486, 368, 1448893, 31.86),
        ("David So", "Amelie Garner", 1058, 374, 1363978, 46.00),
        ("Molly Clark", "Ethan Brooks", 813, 402, 1362898, 72.96),
        ("Julian Isla", "Ethan Brooks", 1598, 336, 1275399, 27.16),
        ("Hollie Rees", "Peyton Davis", 951, 354, 1259127, 49.58),
        ("Angel Brown", "Peyton Davis", 747, 303, 1116626, 53.82),
        ("Anne Weiler", "Amelie Garner", 519, 306, 1110994, 95.33),
        ("Mia Steele", "Peyton Davis", 600, 308, 1093067, 73.68),
        ("Jordan Williams", "Peyton Davis", 512, 292, 1020029, 86.90),
        ("Spencer Low", "Amelie Garner", 1132, 222, 900926, 25.11),
        ("Sanjay Shah", "Amelie Garner", 675, 250, 893844, 49.70),
        ("Jennifer Wilkins", "Peyton Davis", 407, 195, 670727, 70.14),
        ("Jeff Hay", "Ethan Brooks", 771, 91, 350020, 14.89),
    ]


def test_origins(published):
    """B7: an opportunity without a campaign was found by the rep."""
    rows = published.rows(f"""
        select origin, count(*) as opportunities, count(*) filter (where is_won),
            sum(amount) filter (where is_won),
            round({CLOSE_PCT}, 2)
        from marts.fct_opportunities group by origin order by opportunities desc
    """)
    assert rows == [
        ("rep", 6732, 1387, 5328380, 25.88),
        ("Sales", 3468, 1776, 6260569, 73.91),
        ("Phone", 2468, 1097, 3945774, 63.26),
        ("Tradeshow", 2012, 783, 2867838, 54.15),
        ("Promotion", 1943, 1145, 3903673, 88.97),
        ("Online", 1820, 672, 2554862, 51.30),
        ("Email", 1557, 422, 1574829, 37.41),
    ]


def test_territories(published):
    """B8: the territory is the account's."""
    rows = published.rows(f"""
        select region, territory, count(*), sum(amount) filter (where is_won) as revenue,
            round({CLOSE_PCT}, 2)
        from marts.fct_opportunities group by region, territory order by revenue desc
    """)
    assert rows == [
        ("North America", "US-SOUTH", 9240, 10038246, 39.26),
        ("North America", "US-WEST", 4637, 7482731, 65.20),
        ("North America", "US-MIDWEST", 4300, 6006016, 51.23),
        ("North America", "US-NORTHEAST", 1823, 2908932, 61.72),
    ]


def test_rating_and_decision_maker(published):
    """B12: all that is hot is won, and next to nothing that is cold with nobody to decide."""
    rows = published.rows(f"""
        select rating, decision_maker is not null as is_known, count(*), round({CLOSE_PCT}, 2)
        from marts.fct_opportunities group by rating, is_known order by rating, is_known
    """)
    assert rows == [
        ("Cold", False, 4061, 0.31),
        ("Cold", True, 4952, 19.59),
        ("Hot", False, 1140, 100),
        ("Hot", True, 846, 100),
        ("Warm", False, 4639, 73.20),
        ("Warm", True, 4362, 99.67),
    ]


def test_mandatory_fields_on_the_day_of_the_extract(published):
    """B9: no campaign 6,732, no decision maker 9,840, purchase process unknown 6,516 of 20,000."""
    rows = published.rows(f"""
        select field, sum(due_count), sum(filled_count), sum(missing_count), sum(placeholder_count)
        from marts.fct_field_fills
        where entity = 'opportunities' and snapshot_date = date '{AS_OF}'
        group by field order by field
    """)
    assert rows == [
        ("campaign_id", 20000, 13268, 6732, 0),
        ("decision_maker", 20000, 10160, 9840, 0),
        ("purchase_process", 20000, 13484, 6516, 6516),
    ]


def test_violations_on_the_day_of_the_extract(published):
    """B9 as violations: what is wrong, all open, none with a value in it."""
    rows = published.rows("""
        select field, value_class, count(*), count(distinct record_id),
            count(*) filter (where is_open)
        from marts.fct_field_violations
        where entity = 'opportunities'
        group by field, value_class order by field
    """)
    assert rows == [
        ("campaign_id", "missing", 6732, 6732, 6732),
        ("decision_maker", "missing", 9840, 9840, 9840),
        ("purchase_process", "placeholder", 6516, 6516, 6516),
    ]


def test_fills_of_the_months_of_creation(published):
    """B14 again, by day: what the violations first seen in a month leave filled."""
    rows = published.rows("""
        select month_start_date, count(*) filter (where field = 'campaign_id'),
            count(*) filter (where field = 'decision_maker'),
            count(*) filter (where field = 'purchase_process')
        from marts.fct_field_violations
        inner join marts.dim_dates on first_seen_date = date_day
        group by month_start_date order by month_start_date
    """)
    # Of 95 created in June 2019: 52 with a campaign, 49 with a decision maker, 66 with a process.
    assert rows[0] == (date(2019, 6, 1), 43, 46, 29)
    # Of 462 created in November 2021: 390, 249 and 309.
    assert rows[-1] == (date(2021, 11, 1), 72, 213, 153)


def test_the_checks_on_mandatory_fields_count_the_same(published):
    """B9 again, by Great Expectations: it warns, and the marts are published all the same."""
    rows = published.rows("""
        select field, evaluated_count, failed_count, is_blocking
        from marts.fct_check_results
        where check_name = 'mandatory_fields__opportunities'
        order by field
    """)
    assert rows == [
        ("campaign_id", 20000, 6732, False),
        ("decision_maker", 20000, 9840, False),
        ("purchase_process", 20000, 6516, False),
    ]


def test_nothing_points_into_the_void(published):
    """B9: 20,000 keys, no orphan, five without a discount, no day that contradicts another."""
    row = published.row("""
        select count(*), count(distinct opportunity_id),
            count(*) filter (where account_id not in (select account_id from marts.dim_accounts)),
            count(*) filter (where rep_id not in (select rep_id from marts.dim_reps)),
            count(*) filter (where product_id not in (select product_id from marts.dim_products)),
            count(*) filter (
                where campaign_id not in (select campaign_id from marts.dim_campaigns)
            ),
            count(*) filter (where cast(custom_fields ->> 'discount' as double) = 0),
            count(*) filter (
                where expected_close_date - created_date
                <> cast(custom_fields ->> 'days_to_close' as integer)
            )
        from marts.fct_opportunities
    """)
    assert row == (20000, 20000, 0, 0, 0, 0, 5, 0)


def test_revenue_by_month_of_closing(published):
    """B10: won deals, revenue and lost deals of the 28 months."""
    rows = published.rows("""
        select month_start_date, count(*) filter (where is_won), sum(amount) filter (where is_won),
            count(*) filter (where is_lost)
        from marts.fct_opportunities
        inner join marts.dim_dates on closed_date = date_day
        group by month_start_date order by month_start_date
    """)
    assert rows == [
        (date(2019, 8, 1), 0, None, 4),
        (date(2019, 9, 1), 0, None, 64),
        (date(2019, 10, 1), 14, 18341, 205),
        (date(2019, 11, 1), 65, 105993, 264),
        (date(2019, 12, 1), 87, 127797, 280),
        (date(2020, 1, 1), 97, 174381, 257),
        (date(2020, 2, 1), 138, 274249, 226),
        (date(2020, 3, 1), 150, 325747, 221),
        (date(2020, 4, 1), 154, 335779, 234),
        (date(2020, 5, 1), 189, 456071, 202),
        (date(2020, 6, 1), 213, 531135, 173),
        (date(2020, 7, 1), 255, 622936, 179),
        (date(2020, 8, 1), 272, 718070, 145),
        (date(2020, 9, 1), 291, 868415, 149),
        (date(2020, 10, 1), 346, 1007301, 107),
        (date(2020, 11, 1), 348, 1069957, 88),
        (date(2020, 12, 1), 392, 1262456, 80),
        (date(2021, 1, 1), 345, 1130143, 243),
        (date(2021, 2, 1), 213, 774982, 497),
        (date(2021, 3, 1), 190, 747846, 552),
        (date(2021, 4, 1), 256, 1065147, 456),
        (date(2021, 5, 1), 364, 1499841, 437),
        (date(2021, 6, 1), 444, 1889512, 309),
        (date(2021, 7, 1), 545, 2445987, 268),
        (date(2021, 8, 1), 627, 2818178, 191),
        (date(2021, 9, 1), 668, 3138348, 279),
        (date(2021, 10, 1), 498, 2399190, 938),
        (date(2021, 11, 1), 121, 628123, 337),
    ]


def test_fill_rates_by_month_of_creation(published):
    """B14: campaign, decision maker and purchase process, of the first and the last six months."""
    rows = published.rows("""
        select month_start_date, count(*),
            round(100.0 * count(campaign_id) / count(*), 2),
            round(100.0 * count(decision_maker) / count(*), 2),
            round(100.0 * count(*) filter (where purchase_process <> 'Unknown') / count(*), 2)
        from marts.fct_opportunities
        inner join marts.dim_dates on created_date = date_day
        group by month_start_date order by month_start_date
    """)
    assert rows[:6] == [
        (date(2019, 6, 1), 95, 54.74, 51.58, 69.47),
        (date(2019, 7, 1), 350, 50.57, 51.14, 67.14),
        (date(2019, 8, 1), 357, 53.78, 49.58, 66.67),
        (date(2019, 9, 1), 355, 55.21, 49.86, 66.76),
        (date(2019, 10, 1), 374, 55.88, 48.66, 68.45),
        (date(2019, 11, 1), 371, 56.33, 52.83, 67.39),
    ]
    assert rows[-6:] == [
        (date(2021, 6, 1), 834, 86.57, 51.44, 66.67),
        (date(2021, 7, 1), 1855, 52.35, 50.62, 67.06),
        (date(2021, 8, 1), 1634, 62.67, 49.76, 67.38),
        (date(2021, 9, 1), 1450, 68.62, 52.62, 67.52),
        (date(2021, 10, 1), 1407, 82.23, 49.11, 67.38),
        (date(2021, 11, 1), 462, 84.42, 53.90, 66.88),
    ]


def test_kpis_add_up_to_the_totals(published):
    """B2 again, out of the KPIs by month: 7,282 won of 14,667 closed, 26,435,925 won."""
    rows = published.rows("""
        select kpi_id, sum(numerator), sum(denominator) from marts.kpi_values
        where level = 'company' and period_grain = 'month'
            and kpi_id in ('win_rate', 'won_amount', 'created_count')
        group by kpi_id order by kpi_id
    """)
    assert rows == [
        ("created_count", 20000, None), ("win_rate", 7282, 14667), ("won_amount", 26435925, None),
    ]  # fmt: skip
