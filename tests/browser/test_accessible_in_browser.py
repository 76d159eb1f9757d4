"""Pages of each kind as axe-core reads them: light and dark, on a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.reading import DESK, PHONE, hindrances, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "fake_report",
    "hostile_report",
    "flagship_report",
    "flagship_sensitivity",
    "hostile_sensitivity",
    "stress_report",
    "sweep_report",
    "mitigation_report",
)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_hinders(browser: Browser, request: pytest.FixtureRequest, page: str, size: tuple[int, int]):
    path: Path = request.getfixturevalue(page)
    with opened(browser, path, size) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        found = {scheme: hindrances(seen.page, scheme) for scheme in ("light", "dark")}
        assert found == {"light": [], "dark": []}
