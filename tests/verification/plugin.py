"""Options of the verification tests, and how workers of xdist share a seed and one page."""

import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.verification import page

FIXED_SEED = 20_191_009
SEED = pytest.StashKey[int]()
FOLDER = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("verification")
    group.addoption(
        "--fresh-seeds", action="store_true", help="Verify with new random numbers; the seed is printed."
    )
    group.addoption(
        "--write-validation", action="store_true", help="Write docs/validation.md from what was verified."
    )


def _given_by_controller(config: pytest.Config) -> dict[str, str] | None:
    return getattr(config, "workerinput", None)


def pytest_configure(config: pytest.Config) -> None:
    given = _given_by_controller(config)
    if given is not None:
        config.stash[SEED] = int(given["verification_seed"])
        config.stash[FOLDER] = Path(given["verification_folder"])
        return
    config.stash[SEED] = secrets.randbelow(2**32) if config.getoption("fresh_seeds") else FIXED_SEED
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="verification-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["verification_seed"] = str(node.config.stash[SEED])
    node.workerinput["verification_folder"] = str(node.config.stash[FOLDER])


def pytest_report_header(config: pytest.Config) -> str | None:
    return f"root seed: {config.stash[SEED]}" if config.getoption("fresh_seeds") else None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if _given_by_controller(config) is not None or not config.getoption("write_validation"):
        return
    if rows := page.noted(config.stash[FOLDER]):
        page.PAGE.write_text(page.rendered(rows), encoding="utf-8")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _given_by_controller(config) is None and FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)
