"""The report in a real Chromium: it draws, asks nobody for anything, and everybody can use it."""

import re
from importlib.resources import files

import duckdb
import pytest
from chromium import EXECUTABLE, Browser, browser

from serving.report.figures import Style
from serving.report.texts import read_texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not EXECUTABLE, reason="There is no Chromium: apt-get install chromium"),
]
PAGES = "[...document.querySelectorAll('.page')].map((page) => page.id)"
# What Vega has drawn within a chart, axes and legends apart.
MARKS = "svg .role-mark :is(path, line, rect, text)"
# One row is like another, one review and one definition too, and pictures are hidden from readers
# of screens: axe takes minutes for thousands of elements.
ALIKE = "tbody tr:nth-child(n+3), .chosen:not(.shown), .plot > *, #definitions .card:nth-child(n+7)"


@pytest.fixture(scope="module")
def tab(demo_run):
    """The report of the demo company, opened from its file."""
    with browser() as opened:
        opened.open(demo_run.company_home / "reports" / "index.html")
        yield opened
        assert opened.complaints == []


@pytest.fixture(scope="module")
def marts(demo_run):
    with duckdb.connect(str(demo_run.published), read_only=True) as connection:
        connection.execute("set search_path = 'marts,main'")
        yield connection


@pytest.fixture(autouse=True)
def at_first_page(tab):
    """Each test begins on the first page, in English and light."""
    show(tab, "flash")
    choose(tab, "#language", "en")
    choose(tab, "#theme", "light")


def show(tab: Browser, anchor: str) -> None:
    tab.run(f"location.hash = '#{anchor}'")
    tab.wait_for(f"document.getElementById('{anchor}').closest('.page').matches('.shown')")


def choose(tab: Browser, select: str, value: str) -> None:
    """As a person does: nothing happens where it is chosen already."""
    tab.run(
        f"(() => {{ const select = document.querySelector('{select}');"
        f" if (select.value === '{value}') return; select.value = '{value}';"
        " select.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
    tab.wait_for("document.documentElement.dataset.charts === 'drawn'")


def text(tab: Browser, selector: str) -> str:
    return tab.run(f"document.querySelector(`{selector}`).textContent")


def test_nothing_is_asked_of_another_machine(tab):
    assert [r for r in tab.requests if not r.startswith(("file:", "data:"))] == []
    assert len([request for request in tab.requests if request.startswith("file:")]) == 1


def test_each_page_is_shown_by_itself_and_all_its_charts_have_marks(tab):
    pages = tab.run(PAGES)
    assert len(pages) == 8
    for page in pages:
        show(tab, page)
        shown = "[...document.querySelectorAll('.page')].filter((p) => p.offsetHeight)"
        assert tab.run(f"{shown}.map((page) => page.id)") == [page]
        assert tab.run("document.querySelector('nav [aria-current]').hash") == f"#{page}"
        empty = (
            f"[...document.querySelectorAll('#{page} figure:has(table)')].filter((figure) =>"
            f" !figure.querySelector('{MARKS}')).map((figure) => figure.id)"
        )
        assert tab.run(empty) == []
    assert tab.complaints == []


def test_no_table_that_is_shown_is_cut_off(tab):
    cut_off = (
        "[...document.querySelectorAll('.card > .scroll')].filter((table) => table.offsetHeight"
        " && table.scrollWidth > table.clientWidth).map((table) => table.closest('.card').id)"
    )
    for page in tab.run(PAGES):
        show(tab, page)
        assert tab.run(cut_off) == [], page


def test_the_menu_is_in_sight_wherever_one_is_led(tab):
    show(tab, "quality")
    tab.run("document.getElementById('quality').scrollIntoView({behavior: 'instant'})")
    assert tab.run("window.scrollY") == 0
    tab.run("document.getElementById('quality-loads').scrollIntoView({behavior: 'instant'})")
    assert tab.run("window.scrollY") > 0
    bounds = "getBoundingClientRect()"
    assert tab.run(f"document.querySelector('nav').{bounds}.top") == 0
    below = f"document.getElementById('quality-loads').{bounds}.top"
    assert tab.run(f"{below} >= document.querySelector('nav').{bounds}.bottom")


def test_marks_and_figures_are_those_of_the_marts(tab, marts):
    show(tab, "pipeline")
    for chart, sql in (
        ("pipeline-funnel", "select count(*) from mart_stage_conversions where level = 'company'"),
        ("pipeline-ageing", "select count(distinct (stage_id, bucket_no)) from mart_stage_ageing"),
    ):
        drawn = tab.run(f"document.querySelectorAll('#{chart} svg .mark-rect path').length")
        assert drawn == marts.execute(sql).fetchone()[0]
    (gross,) = marts.execute("select sum(amount) from mart_open_deals").fetchone()
    shown = text(tab, "#pipeline .tile .value")
    assert shown == Style("en", "EUR").write(gross, "money_short")
    (label, reached) = marts.execute(
        "select stage_label, reached_count from mart_stage_conversions inner join dim_stages"
        " using (stage_id) where level = 'company' order by dim_stages.stage_position limit 1"
    ).fetchone()
    drawn = text(tab, "#pipeline-funnel svg")
    assert label in drawn
    assert f"{reached:,}" in drawn


def test_a_chosen_window_changes_chart_title_and_table(tab):
    show(tab, "pipeline")
    before = text(tab, "#pipeline-waterfall svg")
    choose(tab, "#pipeline-waterfall select", "quarter")
    end = "[...document.querySelectorAll('#pipeline-waterfall tbody tr:not([hidden])')].at(-1)"
    tab.wait_for(f"document.querySelector('#pipeline-waterfall svg').textContent !== `{before}`")
    amount = tab.run(f"{end}.cells[2].textContent")
    assert tab.run(f"{end}.dataset.w") == "quarter"
    assert amount in text(tab, "#pipeline-waterfall svg")
    assert "+€" in text(tab, "#pipeline-waterfall svg")
    titles = "document.querySelectorAll('#pipeline-waterfall h3:not([hidden])')"
    assert tab.run(f"[...{titles}].map((title) => title.dataset.w)") == ["quarter"]


def test_french_and_back_again(tab):
    everything = "document.querySelector('main').textContent"
    written = tab.run(everything)
    choose(tab, "#language", "fr")
    french = read_texts("fr")
    assert tab.run("document.documentElement.lang") == "fr"
    assert text(tab, "#flash h2") == french["page.flash"]
    assert text(tab, "#pipeline h2 span") == french["page.pipeline"]
    assert re.search("[\\d \u202f]+ ?k?M?€$", text(tab, "#flash .tile .value"))
    assert tab.run("document.querySelector('nav').ariaLabel") == french["ui.pages"]
    show(tab, "quality")
    assert french["severity.warn"] in text(tab, "#quality-violations svg")
    choose(tab, "#language", "en")
    # What was written in Python and what the script writes are the same to the letter.
    again = tab.run(everything)
    assert again == written


def test_a_rep_is_reached_by_name_and_by_choice(tab):
    show(tab, "reps")
    second = tab.run("document.querySelectorAll('[data-goes] option')[1].value")
    choose(tab, "[data-goes]", second)
    tab.wait_for(f"document.getElementById('{second}').offsetHeight > 0")
    visible = "[...document.querySelectorAll('.chosen')].filter((part) => part.offsetHeight)"
    assert tab.run(f"{visible}.map((part) => part.id)") == [second]
    tab.run("document.querySelector('#reps-comparison tbody a').click()")
    anchor = tab.run("document.querySelector('#reps-comparison tbody a').hash.slice(1)")
    tab.wait_for(f"document.getElementById('{anchor}').offsetHeight > 0")


def test_the_keyboard_leads_past_the_navigation(tab):
    tab.run("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    tab.call("Page.bringToFront")
    tab.run("document.querySelector('.skip').focus()")
    assert tab.run("document.querySelector('.skip').getBoundingClientRect().left") >= 0
    for kind in ("keyDown", "char", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Enter", text="\r")
    tab.wait_for("document.activeElement.id === 'content'")


def test_on_paper_all_pages_follow_one_another_in_ink(tab):
    choose(tab, "#theme", "dark")
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        hidden = "[...document.querySelectorAll('.page')].filter((p) => !p.offsetHeight)"
        assert tab.run(f"{hidden}.length") == 0
        assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.run("document.querySelector('nav').offsetHeight") == 0
        wide = (
            "[...document.querySelectorAll('.plot svg')].filter((svg) =>"
            " svg.getBoundingClientRect().width > svg.parentElement.clientWidth + 1).length"
        )
        assert tab.run(wide) == 0
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")


@pytest.fixture(scope="module")
def cut(tab):
    """The page with the rules of accessibility at hand, and without what is there many times."""
    tab.run((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8") + "; 0")
    tab.run(f"document.querySelectorAll('{ALIKE}').forEach((element) => element.remove())")
    tab.run("document.querySelectorAll('details').forEach((table) => { table.open = true })")
    return tab


# The last test of the module: what it cuts away is gone. In the dark but the colours differ.
@pytest.mark.parametrize(("theme", "rules"), [("light", ""), ("dark", "'color-contrast'")])
def test_no_rule_of_accessibility_is_broken_on_any_page(cut, theme, rules):
    choose(cut, "#theme", theme)
    paper = cut.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(251, 250, 248)") == (theme == "light")
    only = f"runOnly: [{rules}]" if rules else ""
    for page in cut.run(PAGES):
        show(cut, page)
        # The other pages, which are not shown, are away meanwhile: axe would go through them too.
        found = cut.run(
            "(async () => { const pages = [...document.querySelectorAll('.page')];"
            " pages.filter((page) => !page.matches('.shown')).forEach((page) => page.remove());"
            f" const result = await axe.run(document, {{{only}}});"
            " document.querySelector('main').append(...pages);"
            " return result.violations.map((v) =>"
            " [v.id, v.impact, v.nodes.length, v.nodes[0].html]); })()"
        )
        assert [broken for broken in found if broken[1] in ("serious", "critical")] == [], page
