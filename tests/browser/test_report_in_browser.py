"""The report as a reader meets it: drawn, quiet, offline, on a desk and on a phone."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sim.report import largest, page_parts
from sim.stories.study import STUDY
from tests.browser.fake_findings import fake_findings
from tests.browser.reading import (
    ALL_DRAWN,
    DESK,
    PHONE,
    UNFOLD,
    eventually,
    hindrances,
    opened,
    undrawn_figures,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("report", "size"),
    [
        pytest.param("fake_report", DESK, id="fake_report-desk"),
        pytest.param("fake_report", PHONE, id="fake_report-phone"),
        pytest.param("hostile_report", DESK, id="hostile_report-desk", marks=pytest.mark.slow),
        pytest.param("hostile_report", PHONE, id="hostile_report-phone"),
        pytest.param("flagship_report", DESK, id="flagship_report-desk"),
        pytest.param("flagship_report", PHONE, id="flagship_report-phone", marks=pytest.mark.slow),
    ],
)
def test_every_figure_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, request: pytest.FixtureRequest, report: str, size: tuple[int, int]
):
    """Each report and each size in every test run; all reports in both sizes in `make verify`."""
    path: Path = request.getfixturevalue(report)
    with opened(browser, path, size) as seen:
        shown = seen.page.locator(".plotly-graph-div:visible").count()
        width = seen.page.evaluate("document.documentElement.scrollWidth")
        assert undrawn_figures(seen.page) == []
        assert shown >= 20
        assert width <= size[0]
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


def test_figures_fit_their_boxes_on_a_phone(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, PHONE) as seen:
        too_wide = seen.page.evaluate(
            """() => [...document.querySelectorAll(".plotly-graph-div svg.main-svg")]
                .filter((svg) => svg.getBoundingClientRect().right > innerWidth)
                .length"""
        )
        assert too_wide == 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_broken_baseline_is_seen_before_the_answer(browser: Browser, tmp_path: Path, size: tuple[int, int]):
    findings = fake_findings()
    warnings = [{"path": f"stock_points.{'a-' * 39}a.policy", "message": "<b>covers</b> less"}] * 12
    report = tmp_path / "report.html"
    told = replace(findings, summary={**findings.summary, "warnings": warnings})
    report.write_text(STUDY.render(told), encoding="utf-8")
    with opened(browser, report, size) as seen:
        box, answer = (seen.page.locator(f"section.{name}") for name in ("warnings", "answer"))
        assert box.is_visible()
        assert (box.bounding_box() or {"y": 1e9})["y"] < (answer.bounding_box() or {"y": 0.0})["y"]
        assert box.locator("li").count() == 11
        assert "<b>covers</b> less." in box.locator("li").first.inner_text()
        assert [each.is_visible() for each in box.locator("li").all()] == [True, True] + [False] * 9
        box.locator("summary").click()
        assert "and 2 more, in summary.json." in box.locator("li").last.inner_text()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_click_in_the_legend_hides_and_shows_a_component(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK) as seen:
        state = "document.getElementById('figure-components-1').data[0].visible ?? true"
        entry = seen.page.locator("#figure-components-1 .legendtoggle").first
        before = seen.page.locator("#figure-components-1 .trace.bars").count()
        assert seen.page.evaluate(state) is True
        entry.click()
        eventually(seen.page, f"({state}) === 'legendonly'")
        assert seen.page.locator("#figure-components-1 .trace.bars").count() == before - 1
        seen.page.wait_for_timeout(400)  # a second click within 300 ms would be a double click
        entry.click()
        eventually(seen.page, f"({state}) === true")
        assert seen.page.locator("#figure-components-1 .trace.bars").count() == before


WIDTHS = "JSON.stringify(document.getElementById('figure-links').data.map((trace) => trace.line?.width))"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_slider_of_the_network_goes_by_keyboard_and_paper_shows_the_worst_week(
    browser: Browser, fake_report: Path, size: tuple[int, int]
):
    with opened(browser, fake_report, size) as seen:
        slider, output = (
            seen.page.get_by_label("Week", exact=True),
            seen.page.locator("output[for=slider-links]"),
        )
        worst, at_worst = output.inner_text(), seen.page.evaluate(WIDTHS)
        assert seen.page.locator("#title-links").inner_text().split(":")[0].split("of ")[-1] in worst
        slider.focus()
        seen.page.keyboard.press("Home")
        eventually(seen.page, f"{WIDTHS} !== {at_worst!r}")
        assert "none has changed" in output.inner_text()
        assert slider.get_attribute("aria-valuetext") == output.inner_text()
        before = seen.page.evaluate(WIDTHS)
        seen.page.emulate_media(media="print")
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        eventually(seen.page, f"{WIDTHS} === {at_worst!r}")
        assert output.inner_text() == worst
        assert not slider.is_visible()
        seen.page.emulate_media(media="screen")
        seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
        eventually(seen.page, f"{WIDTHS} === {before!r}")
        assert output.inner_text() != worst
        assert seen.messages == []


def test_hovering_over_hostile_names_makes_no_link(browser: Browser, hostile_report: Path):
    with opened(browser, hostile_report, DESK) as seen:
        for key in ("products-1", "suppliers", "exceedance", "components-1"):
            box = seen.page.locator(f"#figure-{key}")
            box.scroll_into_view_if_needed()
            texts = _hover_texts(seen.page, key)
            assert texts, key
        assert seen.page.locator("svg a").count() == 0
        assert seen.page.locator("main a:not([href^='#'])").count() == 0
        assert seen.messages == []


def test_hostile_names_are_shown_as_they_are_written(browser: Browser, hostile_report: Path):
    with opened(browser, hostile_report, DESK) as seen:
        legend = seen.page.locator("#figure-components-1 .legendtext").all_text_contents()
        names = seen.page.locator("#figure-suppliers .ytick text").all_text_contents()
        assert any(text.startswith("</script><script>alert(2)") for text in legend)
        assert any(text.startswith("<a href=javascript:alert") for text in names)


def _hover_texts(page: Page, key: str) -> list[str]:
    return list(
        page.evaluate(
            """(key) => {
                const box = document.getElementById(`figure-${key}`);
                Plotly.Fx.hover(box, [{curveNumber: 0, pointNumber: 0}]);
                return [...box.querySelectorAll(".hoverlayer text")].map((text) => text.textContent);
            }""",
            key,
        )
    )


def test_there_is_no_button_that_uploads(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK) as seen:
        titles = seen.page.evaluate(
            "[...document.querySelectorAll('.modebar-btn')].map((button) => button.dataset.title ?? '')"
        )
        assert titles
        assert not [title for title in titles if "cloud" in title.lower() or "share" in title.lower()]
        assert seen.page.locator(".plotlyjsicon").count() == 0


def test_no_button_lies_on_a_chart_of_a_phone(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, PHONE) as seen:
        assert seen.page.locator(".modebar").count() >= 10
        assert seen.page.locator(".modebar:visible").count() == 0


def test_the_filter_of_assumptions_keeps_matching_rows(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK) as seen:
        rows = seen.page.locator("#table-assumptions tbody tr:visible")
        seen.page.locator("summary", has_text="All of them").click()
        everything = rows.count()
        seen.page.get_by_label("Show only rows with").fill("qualification low")
        assert 0 < rows.count() < everything
        assert all("qualification" in text for text in rows.all_text_contents())


def test_a_search_finds_makers_that_are_not_drawn(browser: Browser, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(largest, "MOST_DRAWN", 1)
    monkeypatch.setattr(page_parts, "MOST_FILTERED", 1)
    file = tmp_path / "report.html"
    file.write_text(STUDY.render(fake_findings()), encoding="utf-8")
    with opened(browser, file, DESK) as seen:
        rows = seen.page.locator("#table-all-makers tbody tr")
        eventually(seen.page, "document.querySelectorAll('#table-all-makers tbody tr').length === 2")
        seen.page.locator("#search-table-all-makers").fill("dahua")
        eventually(seen.page, "document.querySelectorAll('#table-all-makers tbody tr').length === 1")
        assert "ahua" in rows.first.inner_text()


def test_the_keyboard_reaches_the_content_and_opens_tables(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className") == "skip"
        summary = seen.page.locator("summary", has_text="Loss by product and market")
        summary.focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("#table-products").is_visible()


def test_figures_shrink_to_paper_and_grow_back(browser: Browser, fake_report: Path):
    widest = "Math.max(...[...document.querySelectorAll('svg.main-svg')].map((svg) => svg.clientWidth))"
    with opened(browser, fake_report, DESK) as seen:
        before = seen.page.evaluate(widest)
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        eventually(seen.page, f"{widest} <= 660")
        seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
        eventually(seen.page, f"{widest} === {before}")
        assert seen.messages == []


def test_a_screen_that_widens_shows_the_flow_diagrams(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, PHONE) as seen:
        assert seen.page.locator("#figure-flows-scenario").is_hidden()
        assert seen.page.locator("#table-flows").is_visible()
        seen.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        seen.page.wait_for_selector("#figure-flows-scenario .sankey-node")
        assert seen.messages == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_stress_test_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, stress_report: Path, size: tuple[int, int]
):
    with opened(browser, stress_report, size) as seen:
        page = seen.page
        asked = page.locator(".question > summary h2").all_inner_texts()
        assert asked[:2] == ["Which failure hurts most?", "What if two fail at once?"]
        assert page.locator("#figure-stress-nodes .trace.bars .point").count() > 0
        assert page.locator("#figure-stress-pairs .hm image").count() == 1
        right = page.evaluate(
            """() => Math.max(...[...document.querySelectorAll("svg.main-svg")]
                .map((svg) => svg.getBoundingClientRect().right))"""
        )
        assert right <= size[0]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("svg a").count() == 0
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_sweep_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, sweep_report: Path, size: tuple[int, int]
):
    with opened(browser, sweep_report, size) as seen:
        page = seen.page
        curves = page.locator("#figure-sweep-curve .scatterlayer .trace").count()
        assert curves >= 2 or page.locator("#figure-sweep-map .hm image").count() == 1
        assert page.locator("#table-sweep tbody tr").count() in (4, 8)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("svg a").count() == 0
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_mitigation_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, mitigation_report: Path, size: tuple[int, int]
):
    with opened(browser, mitigation_report, size) as seen:
        page = seen.page
        for key in ("cost-and-risk", "before-and-after", "waiting"):
            assert page.locator(f"#figure-{key} .scatterlayer .trace").count() > 0
        assert page.locator("#table-portfolios tbody tr").count() >= 3
        assert page.locator("#table-regret tbody tr").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("svg a").count() == 0
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


def test_hovering_over_a_pair_tells_its_nodes_and_its_excess(browser: Browser, stress_report: Path):
    with opened(browser, stress_report, DESK) as seen:
        seen.page.locator("#figure-stress-pairs").scroll_into_view_if_needed()
        text = seen.page.evaluate(
            """() => {
                const box = document.getElementById("figure-stress-pairs");
                Plotly.Fx.hover(box, [{xval: 1, yval: 0}]);
                return box.querySelector(".hoverlayer").textContent;
            }"""
        )
        assert "beyond the sum" in text


def test_the_tables_of_a_stress_test_have_all_nodes_and_the_worst_pairs(
    browser: Browser, stress_report: Path
):
    with opened(browser, stress_report, DESK) as seen:
        assert seen.page.locator("#table-stress-nodes tbody tr").count() == 7
        assert seen.page.locator("#table-stress-pairs tbody tr").count() > 0
        seen.page.get_by_label("Show only rows with").first.fill("country")
        assert seen.page.locator("#table-stress-nodes tbody tr:visible").count() == 2


# ---------------------------------------------------------------------- unpacked by the browser


def test_a_browser_that_cannot_unpack_figures_says_so_and_keeps_the_tables(
    browser: Browser, fake_report: Path
):
    context = browser.new_context()
    context.add_init_script("delete window.DecompressionStream")
    page = context.new_page()
    page.goto(fake_report.as_uri())
    page.wait_for_selector("html[data-figures='none']")
    page.evaluate(UNFOLD)
    assert "cannot unpack the figures" in page.locator(".no-figures:visible").inner_text()
    assert page.locator(".plotly-graph-div:visible, .numbers:visible").count() == 0
    page.locator("summary:visible", has_text="Change of suppliers").click()
    assert page.locator("#table-suppliers").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    context.close()


def test_without_scripts_text_and_tables_are_read(browser: Browser, fake_report: Path):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(fake_report.as_uri())
    assert page.locator("noscript p").is_visible()
    for name in ("Who else", "Change of suppliers"):
        page.locator("summary:visible", has_text=name).first.click()
    assert page.locator("#table-suppliers").is_visible()
    assert page.locator(".plotly-graph-div:visible, .no-figures:visible, .numbers:visible").count() == 0
    context.close()


def test_cells_on_a_phone_have_the_names_of_their_columns(browser: Browser, hostile_report: Path):
    label = "(cell) => JSON.parse(getComputedStyle(cell, '::before').content)"
    with opened(browser, hostile_report, PHONE) as seen:
        heads = seen.page.locator("#table-suppliers th").all_text_contents()
        cells = seen.page.locator("#table-suppliers tbody tr").first.locator("td").all()
        assert [cell.evaluate(label) for cell in cells] == heads


# ---------------------------------------------------------------------- one page first


@pytest.mark.parametrize("report", ["fake_report", "flagship_report"])
def test_the_first_screen_of_a_phone_shows_the_number(
    browser: Browser, request: pytest.FixtureRequest, report: str
):
    with opened(browser, request.getfixturevalue(report), PHONE, folded=True) as seen:
        box = seen.page.locator(".big").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE[1]
        assert seen.page.locator(".plotly-graph-div:visible").count() == 0
        assert seen.page.evaluate("document.documentElement.scrollHeight") <= 4 * PHONE[1]


def test_details_are_folded_in_the_order_of_questions(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK, folded=True) as seen:
        asked = seen.page.locator(".question > summary h2").all_inner_texts()
        assert asked[:3] == ["Why?", "When?", "How sure is it?"]
        assert asked[-1] == "How to repeat it"
        seen.page.locator(".question > summary").nth(1).focus()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_selector("#figure-revenue-1 .trace")
        assert seen.page.locator("#figure-components-1").is_hidden()


def test_a_link_opens_the_fold_it_leads_to(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK, folded=True) as seen:
        seen.page.locator(".reading a[href='#methods']").click()
        eventually(seen.page, "document.querySelector('#methods').checkVisibility()")


def test_paper_has_every_fold_open_and_the_screen_has_them_closed_again(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK, folded=True) as seen:
        closed = "document.querySelectorAll('.question:not([open])').length"
        before = seen.page.evaluate(closed)
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert seen.page.evaluate(closed) == 0
        eventually(seen.page, ALL_DRAWN)
        seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert seen.page.evaluate(closed) == before > 0
        assert seen.messages == []


# ---------------------------------------------------------------------- the numbers behind a figure


def test_every_figure_has_its_numbers_as_a_table_and_as_csv(browser: Browser, fake_report: Path):
    with opened(browser, fake_report, DESK) as seen:
        folds = seen.page.locator("details.numbers:visible")
        assert folds.count() == seen.page.locator(".plotly-graph-div:visible").count()
        for place in range(folds.count()):
            folds.nth(place).locator("summary").click()
            assert folds.nth(place).locator("tbody tr").count() > 0, place
        revenue = seen.page.locator("details.numbers[data-file='revenue-1.csv']")
        with seen.page.expect_download() as saved:
            revenue.locator("button").click()
        text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
        assert saved.value.suggested_filename == "revenue-1.csv"
        drawn = seen.page.evaluate("document.getElementById('figure-revenue-1').data.at(-1)")
        rows = [line.split('","') for line in text.strip().splitlines()]
        found = [float(row[2].rstrip('"')) for row in rows if row[0].strip('"') == "With the shock (mean)"]
        assert found == drawn["y"]
        assert seen.messages == []


def test_names_like_formulas_stay_text_in_a_saved_table(browser: Browser, hostile_report: Path):
    with opened(browser, hostile_report, DESK) as seen:
        fold = seen.page.locator("details.numbers[data-file='suppliers.csv']")
        fold.locator("summary").click()
        with seen.page.expect_download() as saved:
            fold.locator("button").click()
        text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
        assert "'=1+1" in text
        assert '"=1+1' not in text
        assert fold.locator("a").count() == 0
        assert seen.messages == []


# ---------------------------------------------------------------------- light and dark


def test_figures_are_dark_where_the_reader_wants_it_and_light_on_paper(browser: Browser, fake_report: Path):
    paper = "document.getElementById('figure-revenue-1').layout.paper_bgcolor"
    with opened(browser, fake_report, DESK, color_scheme="dark") as seen:
        assert seen.page.evaluate(paper) == "#161b22"
        assert seen.page.evaluate("getComputedStyle(document.body).color") == "rgb(230, 237, 243)"
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        eventually(seen.page, f"{paper} === '#ffffff'")
        seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
        eventually(seen.page, f"{paper} === '#161b22'")
        seen.page.emulate_media(color_scheme="light")
        eventually(seen.page, f"{paper} === '#ffffff'")
        assert seen.messages == []
