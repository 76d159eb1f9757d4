"""Opening a report as a reader does, and what the browser has to say about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page

DESK, PHONE = (1280, 900), (390, 844)
UNFOLD = "document.querySelectorAll('.question, .further').forEach((fold) => { fold.open = true; })"
ALL_DRAWN = (
    "[...document.querySelectorAll('[data-specification]')]"
    ".every((box) => !box.checkVisibility() || box.classList.contains('js-plotly-plot'))"
)

SERIOUS = ("serious", "critical")
ALIKE = ("table tr:nth-child(n+4)", "svg.main-svg")
"""Rows like those above them, and what is hidden from screen readers: both would take axe-core minutes."""


@dataclass
class Opened:
    """An open report and what the browser had to say about it."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Browser, path: Path, size: tuple[int, int], *, folded: bool = False, **settings: Any
) -> Iterator[Opened]:
    """An open report, with its questions unfolded unless it is to be left folded."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **settings)
    seen = Opened(context.new_page())

    def dismiss(dialog: Dialog) -> None:
        seen.messages.append(dialog.message)
        dialog.dismiss()

    seen.page.on("console", lambda message: seen.messages.append(message.text))
    seen.page.on("pageerror", lambda error: seen.messages.append(str(error)))
    seen.page.on("dialog", dismiss)
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    try:
        seen.page.goto(path.as_uri())
        seen.page.wait_for_selector("html[data-drawn]", timeout=60_000)
        if not folded:
            seen.page.evaluate(UNFOLD)
            eventually(seen.page, ALL_DRAWN)
        yield seen
    finally:
        context.close()


def eventually(page: Page, expression: str) -> None:
    """Wait until an expression holds (the page's policy forbids playwright's own way, which is `eval`)."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


def undrawn_figures(page: Page) -> list[str]:
    """Ids of the visible figures in which nothing is drawn."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(".plotly-graph-div")]
                .filter((box) => box.checkVisibility())
                .filter((box) => !box.querySelector(".main-svg :is(.trace, .hm image, .sankey-link)"))
                .map((box) => box.id)"""
        )
    )


def hindrances(page: Page, color_scheme: Literal["light", "dark"]) -> list[str]:
    """What axe-core finds on a page that keeps people from using it, and where."""
    page.emulate_media(color_scheme=color_scheme)
    options = {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
    found = (
        Axe()
        .run(page, context={"exclude": [[selector] for selector in ALIKE]}, options=options)
        .response["violations"]
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
