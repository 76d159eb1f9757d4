"""How a verification test states what it shows: ``verify(case=..., source=..., expected=..., ...)``."""

import os
from collections.abc import Callable

import pytest

from tests.verification import page
from tests.verification.plugin import FOLDER, SEED

Verify = Callable[..., None]
FAMILY = 1.25
"""With fresh seeds some 200 estimates are drawn anew in every run. At 4 standard errors each, one run in 40
would raise a false alarm; at 5, one in 10,000."""


@pytest.fixture(scope="session")
def root_seed(pytestconfig) -> int:
    """Seed of all random numbers: the same in every run, or with ``--fresh-seeds`` a new one."""
    return pytestconfig.stash[SEED]


@pytest.fixture(scope="session")
def written_rows() -> dict[str, set[str]]:
    """The rows of docs/validation.md, by chapter."""
    return page.written()


@pytest.fixture
def verify(request, written_rows) -> Verify:
    """Compare, record the row, and insist that docs/validation.md says the same.

    The chapter is the module's ``CHAPTER``, unless one is given.
    """
    config = request.config
    writes, fresh = config.getoption("write_validation"), config.getoption("fresh_seeds")

    def compare(
        *,
        case: str,
        source: str,
        expected: float,
        simulated: float,
        tolerance: float = page.NOISE,
        kind: page.Kind = "exact",
        chapter: str | None = None,
    ) -> None:
        row = page.Row(
            chapter or request.module.CHAPTER,
            case,
            source,
            float(expected),
            float(simulated),
            float(tolerance),
            kind,
        )
        allowed = row.tolerance * (FAMILY if fresh and kind == "z" else 1.0)
        assert abs(row.simulated - row.expected) <= allowed, f"seed {config.stash[SEED]}: {row.line}"
        page.note(config.stash[FOLDER], os.environ.get("PYTEST_XDIST_WORKER", "main"), row)
        if not writes and not fresh:
            assert row.line in written_rows.get(row.chapter, set()), (
                f"docs/validation.md does not say, under {row.chapter}: {row.line}\nTo renew it: {page.RENEW}"
            )

    return compare
