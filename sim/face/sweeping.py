"""A grid of variants under common random numbers, as one tidy table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

import pandas as pd

from sim.errors import SimError
from sim.face.named import listed
from sim.face.options import seed_of, whole, workers_of
from sim.face.scenarios import LoadedScenario, Overrides, ScenarioLike, load
from sim.face.verbs import FEWEST_COMPARED, Progress
from sim.montecarlo.batches import InMemory
from sim.montecarlo.manifests import MOST_REPLICATIONS
from sim.montecarlo.workers import silent
from sim.risk.comparison import Losses, columns_of, scenarios_table
from sim.risk.replicated import Estimators, estimators_of
from sim.risk.unseen import DIFFERENCES, Bounds
from sim.scenario.wording import show
from sim.stories import SEED
from sim.stories.compare import Simulator

REPLICATIONS = 1_024
MOST_VARIANTS = 10_000


def sweep(
    scenario: ScenarioLike,
    settings: Mapping[str, Iterable[Any]],
    *,
    overrides: Overrides = (),
    replications: int = REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Simulate a scenario with each combination of some settings, with the same random numbers.

    All variants are checked before the first is simulated.

    Parameters
    ----------
    scenario, overrides
        As for :func:`sim.run`.
    settings
        For each path, the values that it takes, as for :meth:`LoadedScenario.with_`.
    replications
        Futures of each combination (1,024).
    seed, workers
        As for :func:`sim.run`.
    progress
        Called with the number of futures that have just been finished.

    Returns
    -------
    DataFrame
        One row a combination, in the order of the grid, and maker: a column of each path; ``maker``; of the
        loss share ``mean``, ``var95`` and ``es95``, each with ``_ci_low`` and ``_ci_high``, ``p05`` and
        ``p95``; ``loss_mean`` in currency; and ``difference`` of the mean loss share to that of the first
        combination, future by future, with its interval.

    Raises
    ------
    ScenarioError
        If a path leads nowhere, with the nearest name, or a combination makes no sense.
    SimError
        If an option is none, or makers or headline are not the same in all combinations.

    References
    ----------
    Common random numbers: Law, *Simulation Modeling and Analysis*, 5th ed., sec. 11.2.

    Examples
    --------
    >>> import sim
    >>> cover = "stock_points.controllers.policy.cover_days"
    >>> table = sim.sweep("scenarios/first-scenario.yaml", {cover: range(40, 121, 40)}, replications=32)
    >>> table[cover].tolist(), bool(table["mean"].is_monotonic_decreasing)
    ([40, 80, 120], True)
    """
    base = load(scenario, overrides)
    combinations = _combinations(settings)
    variants = [base.laid_over(combination, "sweep") for combination in combinations]
    _refuse_others(variants, "makers", lambda variant: listed(variant.makers))
    _refuse_others(variants, "headline", lambda variant: variant.definition.analysis.headline)
    number = whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS)
    simulator = Simulator(number, seed_of(seed), InMemory(workers_of(workers), progress or silent))
    losses = [simulator.losses(str(place), variant.plan) for place, variant in enumerate(variants)]
    estimators = estimators_of(base.plan.sampling.method)
    rows = scenarios_table(losses, estimators).drop(columns="scenario")
    return pd.concat([_asked(combinations, base.makers), rows, _differences(losses, estimators)], axis=1)


def _combinations(settings: Any) -> list[dict[str, Any]]:
    """The full grid, the last path moving fastest."""
    if not isinstance(settings, Mapping) or not settings:
        raise SimError(f"sweep: found {show(settings)}, allowed: values by path, as in {{path: [1, 2, 3]}}")
    listings = {path: _values(path, values) for path, values in settings.items()}
    if prod(map(len, listings.values())) > MOST_VARIANTS:
        raise SimError(f"sweep: found more than {MOST_VARIANTS:,} combinations, allowed: up to as many")
    return [dict(zip(listings, values, strict=True)) for values in product(*listings.values())]


def _values(path: str, values: Any) -> list[Any]:
    """The values that a path takes, of endless ones as many as are too many."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise SimError(f"sweep: {path}: found {show(values)}, allowed: a list of values")
    found = list(islice(values, MOST_VARIANTS + 1))
    if not found:
        raise SimError(f"sweep: {path}: found no values, allowed: one or more")
    return found


def _refuse_others(
    variants: Sequence[LoadedScenario], what: str, of: Callable[[LoadedScenario], str]
) -> None:
    """Refuse combinations that differ in what all have in common."""
    first = of(variants[0])
    for variant in variants[1:]:
        if of(variant) != first:
            raise SimError(
                f"sweep: found {what} {of(variant)} with {listed(variant.overrides)}, and "
                f"{first} in the first combination; allowed: the same in all"
            )


def _asked(combinations: Sequence[Mapping[str, Any]], makers: Sequence[str]) -> pd.DataFrame:
    """The settings of each row of the table."""
    return pd.DataFrame([combination for combination in combinations for _ in makers])


def _differences(losses: Sequence[Losses], estimators: Estimators) -> pd.DataFrame:
    """Of each combination and maker: how much more it loses than in the first combination."""
    first, *others = losses
    # Not even a future that was not seen differs from itself.
    bounded = [(first, Bounds(0.0, 0.0)), *((each, DIFFERENCES) for each in others)]
    return pd.DataFrame(
        columns_of("difference", estimators.mean(each.shares[maker] - first.shares[maker], bounds))
        for each, bounds in bounded
        for maker in each.shares
    )
