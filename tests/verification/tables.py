"""Tables of cases of which every test run has a part."""

from collections.abc import Sequence
from typing import Any

import pytest


def ends(cases: Sequence[Any]) -> list[Any]:
    """The first and the last of some cases in every test run, and those between in `make verify` alone.

    They are of one formula and each simulates for seconds.
    """
    first, *between, last = cases
    return [first, *(_slow(case) for case in between), last]


def _slow(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
