"""No id is told in the explorer, whatever is moved."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sim.explorer.server import Served
from sim.explorer.session import Session
from tests.browser.reading import DESK
from tests.builders import ban, shop
from tests.nonsense import NONSENSE, ids_in, with_nonsense

pytestmark = pytest.mark.browser

SETTLED = "main[aria-busy=false]"
SEEN = """
  [document.title, document.body.innerText]
    .concat([...document.querySelectorAll('svg text, svg title, option')].map((part) => part.textContent))
    .concat([...document.querySelectorAll('*')].flatMap((part) =>
      ['aria-label', 'aria-valuetext', 'title', 'placeholder'].map((name) => part.getAttribute(name) ?? '')))
    .join('\\n')
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An explorer of a shop with an uncertain number, a lever and a ban."""
    data = shop(
        120,
        demand={"home": {"process": "gamma", "dispersion": 4, "patience_days": 0}},
        interventions={"ban": ban(30, duration_days={"dist": "uniform", "low": 5, "high": 30})},
        levers={"stock": {"title": "More stock", "set": {"stock_points.shelf.policy.units": 200}}},
    )
    file = tmp_path_factory.mktemp("explorer") / "base.yaml"
    file.write_text(json.dumps(with_nonsense(data, frozenset(ids_in(data)))), encoding="utf-8")
    session = Session(file, futures=64)
    session.picture()
    with Served(session) as served:
        yield served.address


def test_no_id_is_told(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": DESK[0], "height": DESK[1]})
    page.goto(address)
    assert told(page) == []
    page.locator("#numbers input[type=range]").first.focus()
    page.keyboard.press("End")
    assert told(page) == []
    page.locator("#levers input[type=checkbox]").first.check()
    assert told(page) == []
    page.locator("#network .hit").first.focus()
    page.keyboard.press("Enter")
    assert told(page) == []
    assert "Supplier" in page.evaluate(SEEN)
    page.close()


def told(page: Page) -> list[str]:
    """Ids that a reader is shown, or hears, once the page has settled."""
    page.wait_for_timeout(200)
    page.wait_for_selector(SETTLED)
    return NONSENSE.findall(page.evaluate(SEEN))
