"""A browser for the whole session, and reports for it to open."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Error, sync_playwright

from sim.stories import mitigate, sensitivity, stress, study, sweep
from sim.stories.study import STUDY
from tests.browser.fake_findings import HOSTILE, fake_findings
from tests.browser.hostile_decision import hostile_decision
from tests.builders import ban, merged, shop, stand_ins

BROWSERS = ("chromium-headless-shell", "chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as installed on this machine; without one the test skips, but fails where CI is set."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        _missing(f"no {' or '.join(BROWSERS)} on the PATH; .ci/browser installs one")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except Error as error:
            _missing(f"{found} does not start: {error.message.splitlines()[0]}")
            raise
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def fake_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of made-up findings."""
    return _written(tmp_path_factory, hostile=False)


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose every name tries to break it."""
    return _written(tmp_path_factory, hostile=True)


@pytest.fixture(scope="session")
def flagship_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small run of the flagship."""
    flagship = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml"
    folder = study.save(study.run(flagship, replications=2, workers=1), tmp_path_factory.mktemp("run"))
    return folder / "report.html"


@pytest.fixture(scope="session")
def flagship_sensitivity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small sensitivity analysis of the flagship."""
    flagship = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml"
    found = sensitivity.run(flagship, replications=32, top=4, workers=1)
    return sensitivity.save(found, tmp_path_factory.mktemp("sensitivity")) / "sensitivity.html"


@pytest.fixture(scope="session")
def hostile_sensitivity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an analysis in which every name tries to break it."""
    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "hostile.yaml"
    file.write_text(json.dumps(hostile_decision(), ensure_ascii=False), encoding="utf-8")
    return (
        sensitivity.save(sensitivity.run(file, replications=32, workers=1), folder / "analysis")
        / "sensitivity.html"
    )


@pytest.fixture(scope="session")
def stress_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a stress test whose every name tries to break it."""
    folder = tmp_path_factory.mktemp("stress")
    data = stand_ins(title=HOSTILE[1], items={"part": {"name": HOSTILE[2]}})
    for firm, name in zip(data["firms"].values(), HOSTILE, strict=False):
        firm["name"] = name
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return stress.save(stress.run(file, workers=1), folder / "out") / "stress.html"


@pytest.fixture(scope="session", params=[1, 2], ids=["one lever", "two levers"])
def sweep_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a sweep whose every name tries to break it."""
    folder = tmp_path_factory.mktemp("sweep")
    stock = {"moves": ["stock_points.shelf.policy.units"], "levels": [120, 160, 200], "unit": HOSTILE[0]}
    levers = {
        "stock": {"title": HOSTILE[2], **stock},
        "price": {"title": HOSTILE[5], "set": {"demand.home.price": 3}},
    }
    base = shop(60, title=HOSTILE[1], interventions={"ban": ban(10, title=HOSTILE[4], duration_days=20)})
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(merged(base, {"levers": levers}), sort_keys=False), encoding="utf-8")
    found = sweep.run(file, list(levers)[: request.param], replications=16, workers=1)
    return sweep.save(found, folder / "out") / "sweep.html"


@pytest.fixture(scope="session")
def mitigation_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a mitigation whose every name tries to break it."""
    folder = tmp_path_factory.mktemp("mitigation")
    pile = {
        "kind": "stockpiling", "title": HOSTILE[4], "date": "2021-01-03", "extra_cover_days": 20,
        "covers": {"firms": ["maker"], "items": ["part"]},
    }  # fmt: skip
    dates = {"paths": ["interventions.pile.date"], "earliest": "2021-01-03", "latest": "2021-01-20"}
    levers = {
        "pile": {"title": HOSTILE[2], "set": {"interventions.pile": pile}, "dates": dates},
        "price": {"title": HOSTILE[5], "set": {"demand.home.price": 3}},
    }
    base = shop(
        60,
        title=HOSTILE[1],
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(25, title=HOSTILE[4], duration_days=20)},
    )
    (folder / "view.yaml").write_text(yaml.safe_dump(merged(base, {"name": "view"})), encoding="utf-8")
    asked = {"levers": levers, "mitigation": {"views": {"view.yaml": 1}}}
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(merged(base, asked), sort_keys=False), encoding="utf-8")
    found = mitigate.run(file, replications=64, evaluations=12, workers=1)
    return mitigate.save(found, folder / "out") / "mitigate.html"


def _written(factory: pytest.TempPathFactory, *, hostile: bool) -> Path:
    path = factory.mktemp("report") / "report.html"
    path.write_text(STUDY.render(fake_findings(hostile=hostile)), encoding="utf-8")
    return path
