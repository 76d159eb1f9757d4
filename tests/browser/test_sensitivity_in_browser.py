"""The report of a sensitivity analysis as a reader meets it: drawn, quiet, offline, on desk and phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import DESK, PHONE, hindrances, opened, undrawn_figures

pytestmark = pytest.mark.browser

FIGURES = ["figure-evpi", "figure-tornado", "figure-sobol"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("report", ["flagship_sensitivity", "hostile_sensitivity"])
def test_every_figure_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, request: pytest.FixtureRequest, report: str, size: tuple[int, int]
):
    path: Path = request.getfixturevalue(report)
    with opened(browser, path, size) as seen:
        shown = seen.page.locator(".plotly-graph-div:visible")
        assert [box.get_attribute("id") for box in shown.all()] == FIGURES
        assert undrawn_figures(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


def test_the_answer_comes_first_and_each_figure_has_a_bar_for_each_row(
    browser: Browser, flagship_sensitivity: Path
):
    with opened(browser, flagship_sensitivity, DESK) as seen:
        answer = seen.page.locator(".answer p").first.text_content() or ""
        assert answer.startswith(("What to find out first: ", "Nothing on its own"))
        asked = seen.page.locator(".question > summary h2").all_inner_texts()
        assert asked[:3] == ["What is worth knowing?", "What moves the loss?", "What does it rest on?"]
        bars = {key: seen.page.locator(f"#{key} .trace.bars .point").count() for key in FIGURES}
        assert bars == {"figure-evpi": 12, "figure-tornado": 2 * 4, "figure-sobol": 2 * 6}
        whiskers = seen.page.locator("#figure-sobol .errorbar").count()
        assert whiskers == 2 * 6


def test_no_part_of_an_axis_is_cut_off_on_a_phone(browser: Browser, flagship_sensitivity: Path):
    with opened(browser, flagship_sensitivity, PHONE) as seen:
        cut = seen.page.evaluate(
            """() => [...document.querySelectorAll(".plotly-graph-div")].flatMap((box) =>
                [...box.querySelectorAll(".xtitle, .ytick text")]
                    .filter((text) => {
                        const [inner, outer] = [text, box].map((part) => part.getBoundingClientRect());
                        return inner.left < outer.left - 1 || inner.right > outer.right + 1;
                    })
                    .map((text) => text.textContent))"""
        )
        assert cut == []


def test_hostile_names_make_no_link_and_are_shown_as_written(browser: Browser, hostile_sensitivity: Path):
    with opened(browser, hostile_sensitivity, DESK) as seen:
        ticks = " ".join(seen.page.locator("#figure-sobol .ytick text").all_text_contents())
        assert "<a" in ticks
        assert seen.page.locator("svg a").count() == 0
        assert seen.page.locator("main a:not([href^='#'])").count() == 0
        assert seen.messages == []


def test_the_filter_of_inputs_keeps_matching_rows(browser: Browser, flagship_sensitivity: Path):
    with opened(browser, flagship_sensitivity, DESK) as seen:
        rows = seen.page.locator("#table-inputs tbody tr:visible")
        assert rows.count() == 244 + 9  # numbers and events
        seen.page.get_by_label("Show only rows with").fill("kunpeng qualification")
        assert 0 < rows.count() < 10
