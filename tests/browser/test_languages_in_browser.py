"""Pages in German and Chinese as a reader meets them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sim.report.language import speaking
from sim.report.page import page_of, rendered
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

TICKS = "[...document.querySelectorAll('.xtick text, .ytick text')].map((text) => text.textContent)"
ENGLISH_MONTH = re.compile(r"\b(Mar|May|Oct|Dec)\b")
CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module", params=["de", "zh"])
def spoken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A language, and a report in it."""
    file = tmp_path_factory.mktemp(request.param) / "report.html"
    with speaking(request.param):
        file.write_text(rendered(page_of(fake_findings())), encoding="utf-8")
    return request.param, file


def test_it_is_drawn_fits_a_phone_and_hinders_nobody(browser: Browser, spoken: tuple[str, Path]):
    with opened(browser, spoken[1], PHONE) as seen:
        assert undrawn_figures(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert seen.messages == []
        assert hindrances(seen.page, "light") == []


def test_axes_and_numbers_are_in_its_notation(browser: Browser, spoken: tuple[str, Path]):
    code, file = spoken
    with opened(browser, file, DESK) as seen:
        seen.page.evaluate(UNFOLD)
        eventually(seen.page, ALL_DRAWN)
        ticks = seen.page.evaluate(TICKS)
        seen.page.evaluate("document.querySelectorAll('.numbers').forEach((fold) => { fold.open = true; })")
        eventually(seen.page, "document.querySelector('.numbers td.number') !== null")
        cells = seen.page.locator(".numbers td.number").all_inner_texts()
        dates = seen.page.locator("#figure-revenue-1 ~ .numbers td:nth-child(2)").all_inner_texts()
    assert not [tick for tick in ticks if ENGLISH_MONTH.search(tick)]
    assert dates
    if code == "de":
        assert not [text for text in [*ticks, *cells] if re.search(r"\d\.\d{1,2}(?!\d)|\d%", text)]
        assert any(re.fullmatch(r"−?\d+,\d+", text) for text in cells)
        assert all(
            re.fullmatch(r"\d{1,2}\. [A-ZÄ][a-zä]+\.? \d{4}", text.replace("\u00a0", " ")) for text in dates
        )
    else:
        assert all(re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", text) for text in dates)
        assert any("月" in tick or "年" in tick for tick in ticks)


def test_files_are_saved_for_machines(browser: Browser, spoken: tuple[str, Path]):
    with opened(browser, spoken[1], DESK) as seen:
        seen.page.evaluate(UNFOLD)
        fold = seen.page.locator("#figure-revenue-1 ~ .numbers")
        fold.locator("summary").click()
        with seen.page.expect_download() as download:
            fold.locator("button").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    head, first, *_ = text.splitlines()
    assert CJK.search(head) or "Reihe" in head
    assert re.search(r'"\d{4}-\d{2}-\d{2}","-?\d+(\.\d+)?(e-?\d+)?"$', first)


def test_headings_and_buttons_are_in_its_words(browser: Browser, spoken: tuple[str, Path]):
    code, file = spoken
    with opened(browser, file, DESK) as seen:
        heads = seen.page.locator("h2").all_inner_texts()
        seen.page.evaluate(UNFOLD)
        seen.page.locator("#figure-revenue-1 ~ .numbers summary").click()
        button = seen.page.locator("#figure-revenue-1 ~ .numbers button").inner_text()
        zoom = seen.page.locator("#figure-revenue-1 .modebar-btn").first.get_attribute("data-title")
        filtered = seen.page.locator(".filter output").first.text_content()
    told = {
        "de": ("Warum?", "Als CSV speichern", "Abbildung als PNG speichern", r"\d+ von \d+"),
        "zh": ("如何解读这些数字", "保存为CSV", "下载为PNG图片", r"\d+/\d+"),
    }[code]
    assert told[0] in heads
    assert (button, zoom) == told[1:3]
    assert re.fullmatch(told[3], filtered or "")
