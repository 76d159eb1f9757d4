"""What only a browser can make of a page: a PDF as it prints, and stills of its figures.

Nothing is fetched: the page holds all it needs, and the stills are drawn by Plotly's own library.
"""

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sim.errors import BrowserError
from sim.report.forms import PAPERS, Paper

T = TypeVar("T")
_UNFOLD = (
    "document.documentElement.dataset.paper = 'yes'; document.body.style.width = '{}px';"
    "document.querySelectorAll('.question, .further').forEach((fold) => fold.setAttribute('open', ''))"
)
_ALL_DRAWN = (
    "[...document.querySelectorAll('[data-specification]')]"
    ".every((box) => !box.checkVisibility() || box.classList.contains('js-plotly-plot'))"
)

BROWSERS = (
    "chromium",
    "chromium-browser",
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
"""Names on the PATH, the first that is there is taken."""
BROWSER_PATH = "BROWSER_PATH"
"""The variable of the environment that names another one."""
PATIENCE_SECONDS, PAUSE_SECONDS = 180.0, 0.05
WIDTH_PIXELS, SHARPNESS = 900, 2
"""Of a still, and pixels of its file to each."""
MARGIN_INCHES = 0.4
"""Of paper."""
SCALE = 0.75
"""Of what is printed, against what is on the screen."""


def find_browser() -> str:
    """The path of a browser of the Chromium family.

    Raises
    ------
    BrowserError
        If there is none.
    """
    named = os.environ.get(BROWSER_PATH)
    if named:
        if shutil.which(named) is None:
            raise BrowserError(f"{BROWSER_PATH}={named}: found no program; allowed: the path of a Chromium")
        return named
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise BrowserError(
            "PDF and PNG are drawn by a browser: found no Chromium or Chrome on the PATH; install one "
            f"(on Debian: apt-get install chromium), or say where it is: {BROWSER_PATH}=/path/to/chromium"
        )
    return found


def pdf_of(html: str, paper: str) -> bytes:
    """A page as it prints.

    Parameters
    ----------
    html
        A page that :func:`sim.report.page.rendered` made.
    paper
        A key of :data:`sim.report.forms.PAPERS`.

    Raises
    ------
    BrowserError
        If there is no browser, or it fails.
    """
    browser = find_browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.html"
            file.write_text(html, encoding="utf-8")
            return _awaited(lambda: _printed(browser, file.as_uri(), PAPERS[paper]))
    except OSError as error:
        raise BrowserError(f"{tempfile.gettempdir()}: cannot be written ({error.strerror})") from error


def stills_of(figures: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, bytes]:
    """Figures as PNG files, by the names that they are given by.

    Parameters
    ----------
    figures
        Data and layout of each, as plotly.js takes them.
    settings
        Of all, as :func:`sim.report.scripted.plotly_locale` makes them.

    Raises
    ------
    BrowserError
        If there is no browser, or it fails.
    """
    browser = find_browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "settings.js"
            script.write_text(f"Plotly.setPlotConfig({json.dumps(settings)});", encoding="utf-8")
            return _awaited(lambda: _drawn(browser, figures, script))
    except OSError as error:
        raise BrowserError(f"{tempfile.gettempdir()}: cannot be written ({error.strerror})") from error


def _awaited(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a browser makes, in a thread of its own: a notebook's thread waits for other things already."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from choreographer.errors import BrowserClosedError, BrowserFailedError

    async def patient() -> T:
        return await asyncio.wait_for(work(), PATIENCE_SECONDS)

    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, patient()).result()
    except TimeoutError:
        raise BrowserError(f"the browser has not answered for {PATIENCE_SECONDS:g} seconds") from None
    except (BrowserClosedError, BrowserFailedError, RuntimeError) as error:
        raise BrowserError(f"the browser failed: {error}") from error


async def _printed(browser: str, address: str, paper: Paper) -> bytes:
    from choreographer import Browser

    async with Browser(path=browser) as opened:
        tab = await opened.create_tab("about:blank")
        inside = int((paper.width - 2 * MARGIN_INCHES) * 96 / SCALE)
        await tab.send_command("Page.navigate", {"url": address})
        await _until(tab, "document.documentElement.dataset.drawn === 'yes'")
        await tab.send_command("Runtime.evaluate", {"expression": _UNFOLD.format(inside)})
        await _until(tab, _ALL_DRAWN)
        answer = await tab.send_command(
            "Page.printToPDF",
            {
                "paperWidth": paper.width,
                "paperHeight": paper.height,
                **{f"margin{side}": MARGIN_INCHES for side in ("Top", "Bottom", "Left", "Right")},
                "printBackground": True,
                "scale": SCALE,
                "generateTaggedPDF": True,
                "generateDocumentOutline": True,
            },
        )
        return base64.b64decode(_result(answer)["data"])


async def _until(tab: Any, condition: str) -> None:
    """Wait until an expression is true on the page."""
    import asyncio

    while not _result(await tab.send_command("Runtime.evaluate", {"expression": condition}))["result"].get(
        "value"
    ):
        await asyncio.sleep(PAUSE_SECONDS)


def _result(answer: Any) -> Any:
    if "result" not in answer:
        raise BrowserError(
            f"the browser refused: {answer.get('error', {}).get('message', 'no reason given')}"
        )
    return answer["result"]


async def _drawn(browser: str, figures: Mapping[str, Mapping[str, Any]], script: Path) -> dict[str, bytes]:
    from kaleido import Kaleido, PageGenerator

    page = PageGenerator(mathjax=False, others=[(script.as_uri(), "utf-8")])
    async with Kaleido(n=1, path=browser, page_generator=page, timeout=PATIENCE_SECONDS) as drawer:
        found = {}
        for name, figure in figures.items():
            size = {"width": WIDTH_PIXELS, "height": int(figure["layout"]["meta"]["height"])}
            plain = {"data": figure["data"], "layout": figure["layout"]}
            found[name] = await drawer.calc_fig(
                plain, opts={"format": "png", "scale": SHARPNESS, **size}, topojson=None
            )
        return found
