"""Chokepoint: what a cut-off of suppliers costs, when, and through which part.

The names below are all that a notebook or a script needs; ``docs/python.md`` is their guide. They are
imported when they are first used, so that ``import sim`` itself is quick.

Examples
--------
>>> import sim
>>> result = sim.run("scenarios/first-scenario.yaml", replications=32)
>>> result.makers
('velo',)
"""

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.errors import ResultError, ScenarioError, SimError, UnknownNameError
    from sim.face.batching import batch
    from sim.face.conditional import ConditionalResult
    from sim.face.differing import FolderDifference, diff
    from sim.face.estimates import EstimatedNumber, LossFigures
    from sim.face.folders import open  # noqa: A004 - users call it sim.open
    from sim.face.listing import runs
    from sim.face.results import (
        BacktestResult,
        CalibrationResult,
        ComparisonResult,
        MitigationResult,
        RunResult,
        SensitivityResult,
        StressResult,
        SweepResult,
        TraceResult,
    )
    from sim.face.scenarios import LoadedScenario, from_networkx, load
    from sim.face.sweeping import sweep
    from sim.face.verbs import (
        backtest,
        calibrate,
        compare,
        mitigate,
        run,
        sensitivity,
        stress,
        sweep_levers,
        trace,
    )

__all__ = [
    "BacktestResult",
    "CalibrationResult",
    "ComparisonResult",
    "ConditionalResult",
    "EstimatedNumber",
    "FolderDifference",
    "LoadedScenario",
    "LossFigures",
    "MitigationResult",
    "ResultError",
    "RunResult",
    "ScenarioError",
    "SensitivityResult",
    "SimError",
    "StressResult",
    "SweepResult",
    "TraceResult",
    "UnknownNameError",
    "backtest",
    "batch",
    "calibrate",
    "compare",
    "diff",
    "from_networkx",
    "load",
    "mitigate",
    "open",
    "run",
    "runs",
    "sensitivity",
    "stress",
    "sweep",
    "sweep_levers",
    "trace",
]

_HOMES = {
    "sim.errors": ("ResultError", "ScenarioError", "SimError", "UnknownNameError"),
    "sim.face.batching": ("batch",),
    "sim.face.conditional": ("ConditionalResult",),
    "sim.face.differing": ("FolderDifference", "diff"),
    "sim.face.estimates": ("EstimatedNumber", "LossFigures"),
    "sim.face.folders": ("open",),
    "sim.face.listing": ("runs",),
    "sim.face.results": (
        "BacktestResult",
        "CalibrationResult",
        "ComparisonResult",
        "MitigationResult",
        "RunResult",
        "SensitivityResult",
        "StressResult",
        "SweepResult",
        "TraceResult",
    ),
    "sim.face.scenarios": ("LoadedScenario", "from_networkx", "load"),
    "sim.face.sweeping": ("sweep",),
    "sim.face.verbs": (
        "backtest",
        "calibrate",
        "compare",
        "mitigate",
        "run",
        "sensitivity",
        "stress",
        "sweep_levers",
        "trace",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its home when it is first used (PEP 562)."""
    if name not in _HOME_OF:
        alike = get_close_matches(name, __all__, n=1)
        hint = f"; did you mean '{alike[0]}'?" if alike else ""
        raise AttributeError(f"module 'sim' has no attribute '{name}'{hint}")
    found = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
