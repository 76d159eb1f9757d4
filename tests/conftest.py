"""Settings of the whole suite: how hard Hypothesis looks, and how golden files are renewed."""

import gc
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

# The same examples every time, so that a change which breaks nothing never fails, and no shrinking, which
# takes minutes with whole networks. `HYPOTHESIS_PROFILE=thorough` takes new examples in every run, and
# shrinks what it finds; `-m slow` looks at more of them.
_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=_QUIET,
)
settings.register_profile("thorough", deadline=None, max_examples=2000, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Hypothesis mixes in numbers that it reads off the source of every module loaded so far. What a test draws
# would then depend on what ran before it in the same process, and no failure could be seen again.
providers._get_local_constants = Constants

pytest_plugins = ["tests.verification.plugin"]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through thousands of tests again and again: they stay."""
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-golden", action="store_true", help="Write what is found now as the new golden files."
    )
