"""Options of the verification tests, and how workers of xdist share a seed and one page."""

import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.verification import page

HERE = Path(__file__).parent
FIXED_SEED = 20_191_009
SEED = pytest.StashKey[int]()
FOLDER = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("verification")
    group.addoption(
        "--fresh-seeds", action="store_true", help="Verify with new random numbers; the seed is printed."
    )
    group.addoption(
        "--write-validation",
        action="store_true",
        help="Write what is verified to docs/validation.md; other rows stay as they are.",
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
        page.renew(rows, whole=_all_verified(session))


def _all_verified(session: pytest.Session) -> bool:
    """Whether every verification test was run and passed: a row that none of them wrote is of no test."""
    config = session.config
    asked = {config.invocation_params.dir / argument for argument in config.args}
    chosen = any(config.getoption(name) for name in ("keyword", "markexpr", "deselect", "lf"))
    return session.exitstatus == 0 and not chosen and any(HERE.is_relative_to(path) for path in asked)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _given_by_controller(config) is None and FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)
