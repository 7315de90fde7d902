"""The report: its figures are those of the marts, it asks nobody for anything, it hides no gap."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from report_page import Element, read_page, rows_of

from serving.report.building import ReportError, write_report
from serving.report.figures import DASH, Style
from serving.report.texts import FOLDER, LANGUAGES, read_texts

PAGES = [
    "flash",
    "pipeline",
    "forecast",
    "reps",
    "segments",
    "objectives",
    "quality",
    "definitions",
]


@pytest.fixture(scope="module")
def path(demo_run) -> Path:
    """The report that the run of the demo company has written."""
    return demo_run.company_home / "reports" / "index.html"


@pytest.fixture(scope="module")
def page(path) -> Element:
    return read_page(path)


@pytest.fixture(scope="module")
def marts(demo_run):
    with duckdb.connect(str(demo_run.published), read_only=True) as connection:
        connection.execute("set search_path = 'marts,main'")
        yield connection


@pytest.fixture
def changed(demo_run, tmp_path) -> Callable[..., Element]:
    """The report on a copy of the published file in which something is otherwise."""

    def report(sql: str, language: str = "en") -> Element:
        copy = tmp_path / "changed.duckdb"
        shutil.copyfile(demo_run.published, copy)
        copy.chmod(0o600)
        with duckdb.connect(str(copy)) as connection:
            # Two reps are enough, and written sooner.
            connection.execute(
                "use marts; delete from mart_rep_reviews where rep_id not in ("
                " select rep_id from mart_rep_reviews where open_count > 0 order by 1 limit 2)"
            )
            connection.execute(sql)
        target = tmp_path / "index.html"
        write_report(copy, target, company="Changed", currency="EUR", language=language)
        return read_page(target)

    return report


def tile(page: Element, section: str, label: str) -> Element:
    """The value of a tile by the key of its label; the first of the section."""
    tiles = page.one("section", id=section).all("li", **{"class": "card tile"})
    return next(t.all("p")[1] for t in tiles if t.all("span")[0].attributes.get("data-t") == label)


def test_the_summary_says_where_the_report_is(demo_run, path):
    assert f"report      {path}" in demo_run.summary
    assert path.stat().st_mode & 0o777 == 0o644


def test_every_page_is_there_and_in_the_navigation(page):
    assert [section.attributes["id"] for section in page.all("section", **{"class": "page"})] == (
        PAGES
    )
    assert [a.attributes["href"] for a in page.one("nav").all("a")] == [f"#{p}" for p in PAGES]


@pytest.mark.parametrize(
    ("section", "label", "sql"),
    [
        (
            "flash",
            "flash.invoiced_net",
            "select month_invoiced_net from mart_flash where level = 'company' and is_complete"
            " order by flash_date desc limit 1",
        ),
        ("pipeline", "pipeline.gross", "select sum(amount) from mart_open_deals"),
        (
            "pipeline",
            "pipeline.overstay",
            "select sum(amount) from mart_open_deals where is_overstay",
        ),
        (
            "quality",
            "quality.completeness",
            "select sum(weight_filled) / sum(weight_due) from fct_record_completeness",
        ),
        (
            "quality",
            "quality.open_violations",
            "select count(*) from fct_field_violations where is_open",
        ),
    ],
)
def test_a_tile_shows_the_figure_of_the_marts(page, marts, section, label, sql):
    (expected,) = marts.execute(sql).fetchone()
    assert float(tile(page, section, label).attributes["data-v"]) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("card", "columns", "sql"),
    [
        (
            "flash-teams",
            ("member", "reached", "target_to_date"),
            "select member, month_invoiced_net, target_to_date from mart_flash where level = 'team'"
            " and target_to_date is not null and flash_date = (select max(flash_date) from"
            " mart_flash where is_complete)",
        ),
        (
            "pipeline-funnel",
            ("reached_count", "reached_win_rate"),
            "select reached_count, reached_win_rate from mart_stage_conversions"
            " where level = 'company'",
        ),
        (
            "pipeline-ageing",
            ("deal_count", "amount"),
            "select sum(deal_count), sum(amount) from mart_stage_ageing"
            " group by stage_id, age_bucket",
        ),
        (
            "forecast-slips",
            ("horizon_days", "median_slip_days", "p80_slip_days", "pushed_share"),
            "select horizon_days, median_slip_days, p80_slip_days, pushed_share"
            " from mart_close_date_slips where level = 'company'",
        ),
        (
            "reps-gaps",
            ("rep_name", "gap", "mix_effect", "residual", "unmatched_effect"),
            "select rep_name, gap, mix_effect, residual, unmatched_effect"
            " from mart_rep_gaps inner join dim_reps using (rep_id) where gap is not null",
        ),
        (
            "segments-effort",
            ("segment_id", "won_count", "appointments_per_win"),
            "select segment_id, sum(won_count), sum(held_appointment_count) / sum(won_count)"
            " from mart_effort_per_win where period_grain = 'year' and segment_id <> 'none'"
            " and period_start_date = (select max(period_start_date) from mart_effort_per_win"
            " where period_grain = 'year') group by segment_id",
        ),
        (
            "segments-scores",
            ("band_from", "lead_count", "converted_count"),
            "select band_from, lead_count, converted_count from mart_lead_score_bands"
            " where rule_version = (select max(rule_version) from mart_lead_score_bands)",
        ),
        (
            "objectives-simulations",
            ("attaining_share", "mean_payout", "advised_factor"),
            "select attaining_share, mean_payout, advised_factor from mart_scheme_simulations",
        ),
        (
            "quality-violations",
            ("rule_id", "open_count", "deal_amount"),
            "select rule_id, count(*), sum(amount_at_risk) from fct_field_violations"
            " where is_open group by rule_id",
        ),
        (
            "quality-loads",
            ("table_name", "delivered_rows", "quarantined_rows"),
            "select table_name, sum(delivered_rows), sum(quarantined_rows) from fct_loads"
            " group by source_name, table_name",
        ),
    ],
)
def test_a_table_shows_the_rows_of_the_marts(page, marts, card, columns, sql):
    shown = [tuple(row[column] for column in columns) for row in rows_of(page, card)]
    expected = marts.execute(sql).fetchall()
    assert sorted(map(comparable, shown)) == sorted(map(comparable, expected))
    assert shown


def comparable(row: tuple[object, ...]) -> list[str]:
    """Figures to nine digits, whoever wrote them; NULL and its dash alike."""

    def one(value: object) -> str:
        try:
            return f"{float(value):.9g}"
        except (TypeError, ValueError):
            return str(value)

    return [one(value) for value in row]


def test_the_versions_that_are_kept_are_told_and_which_one_is_read(page, demo_run):
    (row,) = (row for row in rows_of(page, "quality-publications") if row["is_current"] == "yes")
    assert demo_run.published.resolve().name == f"marts-{row['name']}.duckdb"


def test_the_waterfall_leads_from_one_balance_to_the_other(page, marts):
    rows = rows_of(page, "pipeline-waterfall")
    # Three windows, each from start to end; what stands between them adds up.
    ends = [n for n, row in enumerate(rows) if row["bucket"] == "At the end"]
    starts = [n for n, row in enumerate(rows) if row["bucket"] == "At the start"]
    assert len(starts) == len(ends) == 3
    (gross,) = marts.execute("select sum(amount) from mart_open_deals").fetchone()
    for start, end in zip(starts, ends, strict=True):
        steps = [round(100 * float(row["amount"])) for row in rows[start:end]]
        assert sum(steps) == round(100 * float(rows[end]["amount"])) == round(100 * float(gross))


def test_a_win_leaves_the_pipeline_and_is_no_loss(page):
    kinds = {(row["bucket"], row["kind"]) for row in rows_of(page, "pipeline-waterfall")}
    assert {("Won", "Won"), ("Lost", "Leaves or shrinks"), ("New", "Comes in or grows")} <= kinds
    spec = json.loads(page.one("script", id="specs").text)["pipeline-waterfall"]
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    colours = dict(zip(scale["domain"], scale["range"], strict=True))
    assert len(set(colours.values())) == len(colours) == 4


def test_the_bias_that_alerts_speak_of_is_found_at_its_horizon(page, marts):
    shown = {(row["month"], row["stated_date"]): row for row in rows_of(page, "forecast-periods")}
    told = marts.execute(
        "select stated.period_start_date, stated_date, value from kpi_values as kpi"
        " inner join fct_forecast_accuracy as stated using (period_start_date, level, period_grain)"
        " where kpi_id = 'forecast_bias' and level = 'company' and period_grain = 'month'"
        " and method = 'stated_probability' and horizon_days = 30"
        " and stated.is_period_over and not is_reconstructed and value is not null"
        " order by 1 desc limit 6"
    ).fetchall()
    assert len(told) == 6
    for month, day, bias in told:
        assert float(shown[str(month), str(day)]["bias"]) == pytest.approx(bias)
    title = page.one(id="forecast-periods").one("h3", **{"data-w": "30"}).text
    assert "Said 30 days before its end" in title
    assert f"(bias {Style('en', 'EUR').write(told[0][2], 'share')})" in title


def test_where_nobody_handed_in_a_forecast_that_is_said(changed):
    page = changed("delete from fct_forecast_accuracy where method = 'submission'")
    title = page.one(id="forecast-periods").one("h3", **{"data-w": "30"}).text
    assert "Said 30 days before its end: nothing handed in, €" in title


def test_a_company_of_which_no_forecast_month_is_over_has_a_report(changed):
    """In its first weeks: months have been forecast, none has ended."""
    page = changed("update fct_forecast_accuracy set is_period_over = false")
    notice = page.one(id="forecast-periods").one("p", **{"class": "notice"})
    assert notice.text.startswith("Nothing was ever forecast that has come to its end")


def test_what_was_said_and_what_came_stand_side_by_side(page, marts):
    shown = {(row["month"], row["stated_date"]): row for row in rows_of(page, "forecast-periods")}
    stated = marts.execute(
        "select period_start_date, stated_date, stated_amount, actual_amount"
        " from fct_forecast_accuracy where level = 'company' and period_grain = 'month'"
        " and method = 'stated_probability' and horizon_days = 14 and is_period_over"
        " order by 1 desc limit 12"
    ).fetchall()
    for month, day, amount, actual in stated:
        row = shown[str(month), str(day)]
        assert float(row["stated_probability"]) == float(amount)
        assert float(row["actual_amount"]) == float(actual)
    # Calibrated: won by the day as told by today, and what was due times what chances were worth.
    month, day, *_ = stated[0]
    (expected,) = marts.execute(
        "select sum(amount * calibrated_probability_by_period) from pipeline_as_of($1)"
        " where close_month_date = $2",
        [day, month],
    ).fetchone()
    (before,) = marts.execute(
        "select sum(amount) from fct_opportunities"
        " where state = 'won' and closed_date between $1 and $2",
        [month, day],
    ).fetchone()
    calibrated = float(shown[str(month), str(day)]["calibrated"])
    assert calibrated == pytest.approx(float(before or 0) + float(expected or 0), abs=0.01)


def test_a_rep_finds_what_to_do_in_the_order_of_the_list(page, marts):
    rep, count = marts.execute(
        "select rep_id, count(*) from mart_action_list inner join mart_rep_reviews using (rep_id)"
        " group by rep_id order by 2 desc limit 1"
    ).fetchone()
    first = marts.execute(
        "select reason from mart_action_list where rep_id = ? order by position limit 15", [rep]
    ).fetchall()
    shown = rows_of(page, f"actions-{rep}")
    assert [row["reason"] for row in shown] == [reason for (reason,) in first]
    assert f"of {count:,})" in page.one(id=f"actions-{rep}").one("h4").text


def test_the_bias_in_a_review_says_which_forecast_it_judges(page, marts):
    judged = marts.execute(
        "select reviews.rep_id, method, horizon_days, direction from mart_rep_reviews as reviews"
        " inner join mart_forecast_reliability as judged on reviews.rep_id = judged.rep_id"
        " and (forecast_method, forecast_horizon_days, forecast_bias)"
        " = (method, horizon_days, bias)"
        " qualify row_number() over (partition by reviews.rep_id order by quarter_start_date desc)"
        " = 1"
    ).fetchall()
    biased = "select count(*) from mart_rep_reviews where forecast_bias is not null"
    assert len(judged) == marts.execute(biased).fetchone()[0] > 0
    words = read_texts("en")
    for rep, method, horizon, direction in judged:
        tiles = page.one(id=f"rep-{rep}").all("li", **{"class": "card tile"})
        (aside,) = (
            tile.all("p")[2].text
            for tile in tiles
            if tile.all("span")[0].attributes.get("data-t") == "reps.forecast_bias"
        )
        assert aside == (
            f"{words['method.' + method]}, {horizon} days before;"
            f" says: {words['direction_of.' + (direction or 'untold')]}"
        )


def test_a_ratio_shows_its_numerator_and_denominator(page, marts):
    won, resolved = marts.execute(
        "select reached_won_count, reached_resolved_count from mart_stage_conversions"
        " where level = 'company' order by stage_position limit 1"
    ).fetchone()
    row = page.one(id="pipeline-funnel").one("tbody").all("tr")[0]
    assert f"{won:,} / {resolved:,}" in [small.text for small in row.all("small")]


def test_money_within_a_table_is_exact(page):
    cells = [cell.text for cell in page.all("td") if "€" in cell.text]
    assert len(cells) > 100
    assert [text for text in cells if re.search(r"\d[kM]", text)] == []


def test_every_chart_has_a_table_a_spec_and_a_definition(page):
    specs = json.loads(page.one("script", id="specs").text)
    figures = page.all("figure")
    assert len(figures) == len(specs) > 40
    anchors = {element.attributes["id"] for element in page.all() if "id" in element.attributes}
    for figure in figures:
        assert figure.attributes["id"] in specs
        assert figure.all("table")
        links = figure.all("p", **{"class": "defined"})[0].all("a")
        assert links
    hrefs = {a.attributes["href"] for a in page.all("a")}
    assert {href.removeprefix("#") for href in hrefs} <= anchors


def test_nothing_is_asked_of_another_machine(path, page):
    """Addresses in Vega's script are names of standards and of its own pages, none is loaded."""
    for element in page.all():
        for name in ("src", "href", "action", "data"):
            assert not re.match(r"(https?:)?//", element.attributes.get(name, ""))
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy.startswith("default-src 'none'")
    assert "@import" not in path.read_text(encoding="utf-8").split("</style>")[0]


def test_no_address_of_a_person_is_on_the_page(path):
    text = path.read_text(encoding="utf-8").partition('<script type="application/json"')[0]
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", text) == []


def test_both_languages_have_the_same_texts_with_the_same_figures():
    english, french = (read_texts(language) for language in LANGUAGES)
    assert english.keys() == french.keys()
    for language, texts in zip(LANGUAGES, (english, french), strict=True):
        lines = (FOLDER / f"{language}.yml").read_text(encoding="utf-8").splitlines()
        assert len(texts) == sum(not line.startswith("#") for line in lines if line), language
    quoted = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert sorted(quoted.findall(text)) == sorted(quoted.findall(french[key])), key
        assert text.strip() and french[key].strip(), key


@pytest.mark.parametrize(
    ("value", "kind", "english", "french"),
    [
        (1234.5, "money", "€1,235", "1 235 €"),
        (-9999.4, "money_short", "-€9,999", "-9 999 €"),
        (1_234_500, "money_short", "€1.23M", "1,23 M€"),
        (-56_700, "money_delta", "-€57k", "-57 k€"),
        (-56_700, "money_change", "-€56,700", "-56 700 €"),
        (1_234_500, "money_change", "+€1,234,500", "+1 234 500 €"),
        (0.12345, "share", "12.3%", "12,3 %"),
        (0.0345, "points", "+3.5", "+3,5"),
        (0.125, "number", "0.13", "0,13"),
        (-0.001, "number", "0.00", "0,00"),
        (12_345, "count", "12,345", "12 345"),
        (date(2025, 8, 3), "date", "3 Aug 2025", "3 août 2025"),
        (date(2025, 2, 1), "month", "Feb 2025", "févr. 2025"),
        (None, "money", DASH, DASH),
    ],
)
def test_a_figure_is_written_as_its_readers_write_it(value, kind, english, french):
    written = [Style(language, "EUR").write(value, kind) for language in LANGUAGES]
    plain = [w.replace("\N{NARROW NO-BREAK SPACE}", " ") for w in written]
    assert [w.replace("\N{MINUS SIGN}", "-") for w in plain] == [english, french]


def test_what_is_null_is_a_dash_and_what_is_named_cannot_become_html(changed):
    page = changed(
        """
        update mart_stage_conversions set median_days = null, reached_win_rate = null;
        update mart_velocity set velocity = null;
        update mart_rep_reviews set conversion = null, coverage_next = null;
        update dim_stages set stage_label = '</script><b>x</b>';
        update mart_rep_reviews set rep_name = '<i>rep</i> & co'
        """
    )
    assert tile(page, "pipeline", "pipeline.velocity").text == DASH
    assert {row["reached_win_rate"] for row in rows_of(page, "pipeline-funnel")} == {None}
    cells = page.one(id="pipeline-funnel").one("tbody").all("td", **{"class": "n none"})
    assert {cell.text for cell in cells} == {DASH}
    assert page.one(id="pipeline-days").all("table") == []
    assert {row["coverage_next"] for row in rows_of(page, "reps-comparison")} == {None}
    assert page.all("b") == page.all("i") == []
    assert "<i>rep</i> & co" in page.one("section", id="reps").text
    assert "</script><b>x</b>" in page.one(id="pipeline-funnel").text


def test_two_reps_of_one_name_have_a_bar_each(changed):
    page = changed("update dim_reps set rep_name = 'Ann Lee'")
    for card in ("reps-gaps", "reps-conversions", "forecast-reps", "flash-perspective"):
        shown = rows_of(page, card)
        name = "member_name" if card == "flash-perspective" else "rep_name"
        assert len({row[name] for row in shown}) == len(shown) > 1, card
    assert len({row["rep_name"] for row in rows_of(page, "objectives-reps")}) > 1


def test_a_rep_who_is_not_judged_is_shown_with_the_reason_and_not_counted(changed):
    page = changed(
        """
        delete from mart_rep_gaps where rep_id not in (
            select rep_id from mart_rep_gaps where residual_low is not null order by 1 limit 3
        );
        update mart_rep_gaps
        set conversion_low = 0.6, conversion_high = 0.9, peer_conversion = 0.5,
            residual_low = 0.1, residual_high = 0.2;
        update mart_rep_gaps set is_judged = rep_id <> (select min(rep_id) from mart_rep_gaps);
        update mart_rep_gaps set peer_conversion = null, gap = null
        where rep_id = (select max(rep_id) from mart_rep_gaps)
        """
    )
    conversions, gaps = page.one(id="reps-conversions"), page.one(id="reps-gaps")
    assert conversions.one("h3").text.startswith("1 of 1 judged reps win more")
    assert "3 reps closed deals" in conversions.one("p", **{"class": "note"}).text
    verdicts = [row["verdict"] for row in rows_of(page, "reps-conversions")]
    assert verdicts[0] == "Judged"
    assert set(verdicts[1:]) == {"Too few deals", "Alone in the team"}
    assert "the gap of 1 of 1 judged reps" in gaps.one("h3").text
    assert [row["verdict"] for row in rows_of(page, "reps-gaps")] == ["Judged", "Too few deals"]


def test_money_at_risk_is_that_of_errors_wherever_it_stands(changed):
    page = changed(
        """
        delete from fct_field_violations where not is_open or violation_id not in (
            select violation_id from fct_field_violations
            where is_open and rule_id = 'opportunity_budget' order by 1 limit 2
        );
        update fct_field_violations
        set rep_id_current = (select min(rep_id) from dim_reps), severity = 'warn',
            amount_at_risk = 50;
        update fct_field_violations
        set rule_id = 'opportunity_source', severity = 'error', amount_at_risk = 20
        where violation_id = (select min(violation_id) from fct_field_violations);
        update kpi_values set value = 20 where kpi_id = 'money_at_risk' and level = 'company';
        update kpi_values set value = 0 where kpi_id = 'money_at_risk' and level = 'rep'
        """
    )
    owners = [
        (row["rule_name"], row["amount_at_risk"], row["deal_amount"])
        for row in rows_of(page, "quality-owners")
    ]
    assert owners == [("opportunity source", "20", "20"), ("opportunity budget", None, "50")]
    assert tile(page, "quality", "quality.at_risk").text == "€20"
    assert "€0 at risk" in page.one("section", id="reps").text


def test_a_company_without_marketing_is_told_what_is_missing_in_its_language(changed):
    page = changed(
        "delete from fct_leads; delete from mart_lead_cohorts; delete from mart_lead_score_bands;"
        " delete from mart_campaign_returns; delete from kpi_values where kpi_id like 'lead%'",
        language="fr",
    )
    section = page.one("section", id="segments")
    french = read_texts("fr")
    told = [notice.text for notice in section.all("p", **{"class": "notice wide"})]
    assert told == [french["missing.leads"], french["missing.campaigns"]]
    shown = {figure.attributes["id"] for figure in section.all("figure")}
    assert shown == {"segments-economics", "segments-effort"}
    assert page.one("html").attributes["lang"] == "fr"
    assert section.one("h2").text == french["page.segments"]


def test_a_company_of_invoices_alone_has_no_zeros_in_place_of_a_pipeline(changed):
    page = changed(
        "delete from fct_opportunities; delete from mart_open_deals; delete from fct_activities;"
        " delete from fct_leads; delete from mart_campaign_returns; delete from mart_rep_gaps"
    )
    assert page.one("section", id="pipeline").all("table") == []
    assert page.one("section", id="forecast").all("table") == []
    assert page.one("section", id="segments").all("table") == []
    columns = {h.attributes["data-k"] for h in page.one(id="reps-comparison").all("th")}
    assert columns.isdisjoint({"open_count", "overstay_count", "coverage_next"})
    flash = page.one("section", id="flash").all("li")
    labels = [li.all("span")[0].attributes["data-t"] for li in flash]
    assert labels == ["flash.invoiced_net"]


def test_an_empty_publication_has_a_report_that_says_so(changed):
    tables = (
        "mart_flash mart_rep_reviews fct_objectives mart_attainments mart_scheme_simulations"
        " mart_scheme_sensitivities fct_opportunities fct_activities fct_invoices fct_leads"
        " mart_campaign_returns dim_reps fct_loads fct_field_violations kpi_values fct_alerts"
    )
    page = changed("".join(f"delete from {table};" for table in tables.split()))
    for section in PAGES[:6]:
        assert page.one("section", id=section).all("p", **{"class": "notice wide"}), section


def test_where_nothing_is_published_the_error_says_so(tmp_path):
    with pytest.raises(ReportError, match="cannot be read"):
        write_report(
            tmp_path / "none.duckdb",
            tmp_path / "x.html",
            company="c",
            currency="EUR",
            language="en",
        )
    assert list(tmp_path.iterdir()) == []
