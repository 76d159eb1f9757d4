"""The report of a comparison as a reader meets it: drawn, quiet, offline, on desk and phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sim.stories import compare
from tests.browser.reading import DESK, PHONE, hindrances, opened, undrawn_figures

pytestmark = pytest.mark.browser

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FIGURES = [f"figure-{name}-{number}" for name in ("waterfall-1", "exceedance") for number in (1, 2)]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = [
        SCENARIOS / f"entity-list-2019{variant}.yaml" for variant in ("-research-house", "-licences-granted")
    ]
    folder = compare.save(compare.run(files, replications=16), tmp_path_factory.mktemp("comparison"))
    return folder / "report.html"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_figure_is_drawn_and_nothing_is_said_or_fetched(
    browser: Browser, report: Path, size: tuple[int, int]
):
    with opened(browser, report, size) as seen:
        shown = seen.page.locator(".plotly-graph-div:visible")
        assert [box.get_attribute("id") for box in shown.all()] == FIGURES
        assert undrawn_figures(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert seen.messages == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert size == DESK or hindrances(seen.page, "dark") == []


def test_the_waterfall_has_a_bar_for_both_ends_and_each_step(browser: Browser, report: Path):
    with opened(browser, report, DESK) as seen:
        texts = seen.page.locator("#figure-waterfall-1-1 .ytick text").all_text_contents()
        assert texts[0] == "entity-list-2019-research-house"
        assert any("Licences" in text for text in texts)
        assert seen.page.locator("#figure-waterfall-1-1 .waterfalllayer .point").count() == 3
