"""Titles of axes on a phone: none is cut, and none stands on another text."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import sim
from sim.face.results import Result
from tests.browser.reading import PHONE, opened
from tests.builders import dear_factory, merged
from tests.pages import Desk

pytestmark = pytest.mark.browser

CUT = """
  [...document.querySelectorAll('.js-plotly-plot')].flatMap((box) => {
    const frame = box.querySelector('svg.main-svg').getBoundingClientRect();
    const texts = [...box.querySelectorAll('.xtick text, .ytick text, .legendtext')];
    return [...box.querySelectorAll('.xtitle, .ytitle')].filter((title) => {
      const own = title.getBoundingClientRect();
      const over = (other) =>
        Math.min(other.right, own.right) - Math.max(other.left, own.left) > 1 &&
        Math.min(other.bottom, own.bottom) - Math.max(other.top, own.top) > 2;
      return (
        own.left < frame.left - 1 || own.right > frame.right + 1 ||
        own.top < frame.top - 1 || own.bottom > frame.bottom + 1 ||
        texts.some((text) => over(text.getBoundingClientRect()))
      );
    }).map((title) => title.textContent);
  })
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """A run and a comparison of margins, whose axes have the longest titles."""
    desk = Desk(tmp_path_factory.mktemp("titles"))
    calm = dear_factory(calendar={"days": 80}, firms={"maker": {"name": "A maker of factory products"}})
    dire = merged(calm, {"interventions": {"ban": {"duration_days": 40, "title": "The longest of all bans"}}})
    files = [desk.scenario("a-calm-view", calm), desk.scenario("a-dire-view-of-all-that", dire)]
    run = sim.run(sim.load(files[0]), replications=16, workers=1)
    return [run, sim.compare(*files, replications=16, workers=1)]


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_no_title_is_cut_on_a_phone(browser: Browser, results: list[Result], language: str, tmp_path: Path):
    for place, result in enumerate(results):
        file = tmp_path / f"{place}.html"
        file.write_text(result.report(language=language), encoding="utf-8")
        with opened(browser, file, PHONE) as seen:
            assert seen.page.evaluate(CUT) == []
