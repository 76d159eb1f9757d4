"""The explorer as a strategist meets it: moved, cut, undone, saved, and nothing but text in its names."""

import json
import re
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page

from sim.explorer.server import Served
from sim.explorer.session import Session
from sim.report.language import speaking
from sim.stories import study
from tests.browser.fake_findings import HOSTILE
from tests.browser.reading import DESK, PHONE, hindrances
from tests.builders import ban, shop

pytestmark = pytest.mark.browser

FUTURES = 64
SETTLED = "main[aria-busy=false]"
on_a_desk = pytest.mark.parametrize("seen", [DESK], ids=["desk"], indirect=True)


def scenario() -> dict[str, object]:
    """A shop with an uncertain number, a lever and a ban; every name tries to break the page."""
    lasts = {"dist": "uniform", "low": 5, "high": 30}
    stock = {"moves": ["stock_points.shelf.policy.units"], "levels": [120, 200]}
    data = shop(
        120,
        title=HOSTILE[1],
        lanes={"parts": {"lead_time_days": {"dist": "uniform", "low": 1, "high": 9}}},
        demand={"home": {"process": "gamma", "dispersion": 4, "patience_days": 0}},
        interventions={"ban": ban(30, title=HOSTILE[4], duration_days=lasts)},
        levers={"stock": {"title": HOSTILE[2], **stock}},
    )
    for firm, name in zip(data["firms"].values(), HOSTILE, strict=False):
        firm["name"] = name
    return data


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("explorer") / "base.yaml"
    file.write_text(yaml.safe_dump(scenario(), sort_keys=False), encoding="utf-8")
    session = Session(file, futures=FUTURES)
    session.picture()  # The engine may have to be compiled first.
    with Served(session) as open_:
        yield open_, file


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def seen(request: pytest.FixtureRequest, browser: Browser, served):
    """A page, and all that it has said or asked for."""
    page = browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})
    heard: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda its: asked.append(its.url))
    page.goto(served[0].address)
    page.wait_for_selector(SETTLED)
    yield page
    assert heard == []
    assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth") <= request.param[0]
    page.close()


@pytest.mark.parametrize(
    ("code", "decimal", "moved"), [("de", ",", "gegen die Basis"), ("zh", ".", "与相同路径中的基准相比")]
)
def test_it_speaks_fits_a_phone_and_hinders_nobody(
    browser: Browser, served, code: str, decimal: str, moved: str
):
    with speaking(code), Served(Session(served[1], futures=FUTURES)) as open_:
        page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
        page.goto(open_.address)
        first = mean(page)
        page.locator("#levers input[type=checkbox]").first.check()
        page.wait_for_selector(f".card:has-text('{moved}')")
        assert re.match(rf"\d+\{decimal}\d", first)
        assert hindrances(page, "light") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        page.close()


def mean(page: Page) -> str:
    page.wait_for_selector(SETTLED)
    return page.locator(".card .big").first.inner_text()


@on_a_desk
def test_it_is_moved_cut_undone_and_saved(seen: Page, served, tmp_path: Path):
    session, file = served[0]._session, served[1]
    base = mean(seen)

    seen.locator("#numbers input[type=range]").first.focus()
    seen.keyboard.press("End")
    moved = mean(seen)
    seen.locator("#network [data-cut='lane parts'].hit").focus()
    seen.keyboard.press("Enter")
    cut = mean(seen)
    assert len({base, moved, cut}) == 3
    assert "cut " in seen.locator("#status").inner_text()

    name = f"saved-{seen.viewport_size['width']}"  # type: ignore[index]
    seen.locator("#name").fill(name)
    seen.locator("#save").click()
    seen.wait_for_selector("#kept:text('Saved')")
    found = study.run(file.parent / f"{name}.yaml", replications=FUTURES, seed=session.seed, workers=1)
    share = found.findings.summary["makers"]["maker"]["loss_share"]["mean"]["estimate"]
    assert cut.startswith(f"{100 * share:.1f} %")

    seen.locator("#undo").click()
    assert mean(seen) == moved
    seen.locator("#undo").click()
    assert mean(seen) == base
    seen.locator("#redo").click()
    assert mean(seen) == moved


@on_a_desk
def test_levers_pins_and_what_was_tried(seen: Page):
    seen.locator("#levers input[type=checkbox]").first.check()
    mean(seen)
    seen.locator("#pin").click()
    seen.locator("#reset").click()
    mean(seen)

    assert seen.locator("#tried tbody tr").count() >= 2
    assert seen.locator("#tried tbody").inner_text().count(HOSTILE[2]) >= 1
    assert seen.locator("#tried [aria-pressed=true]").count() == 1
    seen.wait_for_selector("#why:not([hidden])")
    seen.locator("#why summary").click()
    assert "First sale lost" in seen.locator("#whole").inner_text()


@on_a_desk
def test_bad_values_are_refused_where_typed(seen: Page):
    before = mean(seen)
    seen.locator("#typed").fill("stock_points.shelf.policy.units=many")
    seen.locator("#set").click()
    seen.wait_for_selector("#refused:text('found')")

    refused = seen.locator("#refused").inner_text()
    assert "stock_points.shelf.policy.units: found 'many', allowed: a number" in refused
    assert mean(seen) == before
    seen.locator("#undo").click()
    assert mean(seen) == before


def test_names_stay_text_and_everything_has_a_name(seen: Page):
    assert seen.locator("h1").inner_text() == HOSTILE[1]
    unnamed = seen.evaluate(
        """() => [...document.querySelectorAll("input, select, button, [role=button]")]
            .filter((its) => !(its.getAttribute("aria-label") || its.textContent.trim()))
            .filter((its) => !(its.labels && its.labels.length)).length"""
    )
    assert unnamed == 0
    assert seen.locator("main script, main img, main iframe").count() == 0
    assert json.loads(json.dumps(seen.evaluate("window.explorer.moved")))["values"] == {}


def test_nothing_hinders(seen: Page):
    seen.locator("#numbers input[type=range]").first.focus()
    seen.keyboard.press("End")
    mean(seen)
    seen.locator("#pin").click()
    seen.wait_for_selector("#why:not([hidden])")
    seen.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert {scheme: hindrances(seen, scheme) for scheme in ("light", "dark")} == {"light": [], "dark": []}
