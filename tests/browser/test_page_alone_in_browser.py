"""The explorer in one file, opened from a disk: it moves as the one with a server does, and asks nobody."""

from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page

from sim.explorer.exporting import page_of
from sim.explorer.moved import Moved, read
from sim.explorer.session import Session
from tests.browser.reading import DESK, PHONE, hindrances
from tests.browser.test_explorer_in_browser import SETTLED, scenario

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_BYTES = 6_000_000
NUMBER = "interventions.ban.duration_days"
MOVES = [
    {"levers": {"stock": {"level": 200, "date": None}}},
    {"values": {"interventions.ban.probability": "0.3"}},
    {"values": {"interventions.ban.date": "2021-01-08"}},
    {"values": {"interventions.ban.probability": "0.5"}, "levers": {"stock": {"level": 120, "date": None}}},
    {"values": {"interventions.ban.probability": "0", "interventions.ban.date": "2021-01-08"}},
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("alone") / "base.yaml"
    file.write_text(yaml.safe_dump(scenario(), sort_keys=False), encoding="utf-8")
    with Session(file, futures=64) as its:
        yield its


@pytest.fixture(scope="module")
def written(session: Session) -> Path:
    file = session.file.with_name("explorer.html")
    file.write_text(page_of(session), encoding="utf-8")
    return file


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def seen(request: pytest.FixtureRequest, browser: Browser, written: Path):
    """A page, and all that it has said or asked for."""
    page = browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})
    heard: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda its: asked.append(its.url))
    page.goto(written.as_uri())
    page.wait_for_selector(SETTLED)
    yield page
    assert heard == []
    assert all(url.startswith(("file:", "blob:", "data:")) for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth") <= request.param[0]
    page.close()


def losses_in(page: Page, moved: dict[str, object]) -> list[list[float]]:
    """``[maker][replication]`` as the page has them."""
    asked = {"values": {}, "levers": {}, "cuts": [], **moved}
    return page.evaluate(
        "(moved) => window.alone.losses(moved).then((all) => all.map((its) => Array.from(its.shares)))", asked
    )


def test_a_file_is_small(written):
    assert len(written.read_bytes()) < MOST_BYTES


def test_the_base_has_the_figures_of_a_session(seen, session):
    told = seen.evaluate("window.explorer.picture.makers")
    for maker, its in session.picture()["makers"].items():
        assert told[maker]["curve"] == pytest.approx(its["curve"], rel=1e-12)
        for figure in ("mean", "p50", "var95", "es95"):
            assert told[maker]["figures"][figure]["estimate"] == pytest.approx(
                its["figures"][figure]["estimate"], rel=1e-12
            )
        ends = [told[maker]["figures"]["mean"][end] for end in ("ci_low", "ci_high")]
        assert ends == pytest.approx([its["figures"]["mean"][end] for end in ("ci_low", "ci_high")], rel=1e-5)


@pytest.mark.parametrize("moved", MOVES)
def test_a_move_loses_what_a_session_loses(seen, session, moved):
    assert losses_in(seen, moved) == session.losses(read(moved)).shares.tolist()


def test_numbers_at_their_positions_lose_what_a_session_loses(seen, session):
    controls = seen.evaluate("JSON.parse(document.getElementById('about').textContent).positions")
    assert NUMBER in controls
    for path in set(controls) - {"lever stock", "interventions.ban.date", "interventions.ban.probability"}:
        for text in list(controls[path])[::7]:
            moved = Moved(values=((path, text),))
            assert losses_in(seen, {"values": {path: text}}) == session.losses(moved).shares.tolist()


def test_a_slider_moves_the_card(seen):
    before = seen.locator(".card .big").first.inner_text()
    seen.get_by_role("checkbox").first.check()
    seen.wait_for_selector(SETTLED)
    assert seen.locator(".card .big").first.inner_text() != before
    seen.get_by_role("button", name="Undo").click()
    seen.wait_for_selector(SETTLED)
    assert seen.locator(".card .big").first.inner_text() == before


def test_a_number_between_positions_is_refused(seen):
    seen.evaluate(
        "window.alone.say({ ask: 'move', number: window.explorer.number, moved: "
        f"{{ values: {{ '{NUMBER}': '7.123' }}, levers: {{}} }} }})"
    )
    seen.wait_for_selector("#refused:not(:empty)")
    assert "found 7.123; this file holds" in seen.locator("#refused").inner_text()


def test_a_browser_that_cannot_says_so(browser, written):
    page = browser.new_page()
    page.add_init_script("delete window.WebAssembly")
    page.goto(written.as_uri())
    page.wait_for_selector("#refused:not(:empty)")
    assert "cannot run the explorer: it has no WebAssembly" in page.locator("#refused").inner_text()
    page.close()


def test_nothing_hinders(seen: Page):
    seen.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert {scheme: hindrances(seen, scheme) for scheme in ("light", "dark")} == {"light": [], "dark": []}
