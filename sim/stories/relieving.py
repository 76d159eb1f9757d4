"""What levers take off the expected annual loss of nodes that have a failure rate."""

from collections.abc import Iterator

import numpy as np

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.failures import StressDesign, StressPlan, rates_of, stress_plan, undisturbed
from sim.model.levered import Levered
from sim.model.network import YEAR
from sim.model.plan import Floats
from sim.montecarlo.batches import Batches
from sim.montecarlo.failure_runs import SEED, Failures, run_failures, run_stops, stops_to_run
from sim.risk.designs import kept_of
from sim.risk.earnings import accounted
from sim.risk.margins import result_of
from sim.risk.relief_tables import Node, Relief
from sim.risk.stress_tables import costs_of
from sim.scenario.portfolios import NOTHING, Portfolio, at_their_ends, laid_over, of_portfolio, typed_cost
from sim.scenario.schema import Scenario

ALONE = StressDesign(pairs_among=())


def portfolios_of(scenario: Scenario) -> list[Portfolio]:
    """Each lever alone, at its lowest and its highest level, decided on the first day on which it can be."""
    found: dict[tuple[str, float | None], Portfolio] = {}
    for portfolio in at_their_ends(scenario):
        (taken,) = portfolio.taken
        found.setdefault((taken.lever, taken.level), portfolio)
    return list(found.values())


def annual_losses(
    scenario: Scenario, stress: StressPlan, failures: Failures, stops: Floats
) -> dict[Node, float]:
    """By node that has a failure rate, its rate times what a failure costs, added up over its processes."""
    rates = rates_of(scenario, stress)
    losses: dict[Node, float] = {}
    for rate, cost in zip(rates, costs_of(rates, stress, failures, stops), strict=True):
        losses[rate.node] = losses.get(rate.node, 0.0) + rate.per_year * cost
    return losses


def reliefs(levered: Levered, batches: Batches) -> Iterator[Relief]:
    """What nodes cost a year if one lever is taken, each at its lowest and its highest level.

    Parameters
    ----------
    levered
        A scenario with levers.
    batches
        Has failures and undisturbed years simulated.

    Raises
    ------
    ScenarioError
        If failures make no sense where a lever is taken.
    """
    scenario, undone = levered.scenario, _result_per_year(levered, NOTHING, batches)
    for portfolio in portfolios_of(scenario):
        laid = laid_over(levered.loaded, portfolio).scenario
        try:
            stress = stress_plan(laid, compile_plan(laid), ALONE)
        except ScenarioError as error:
            raise ScenarioError(of_portfolio(portfolio, error.problems)) from None
        losses = annual_losses(laid, stress, run_failures(stress, batches), run_stops(stress, batches))
        cost = undone - _result_per_year(levered, portfolio, batches)
        yield Relief(portfolio.taken[0], losses, cost)


def _result_per_year(levered: Levered, portfolio: Portfolio, batches: Batches) -> float:
    """What the maker earns in an undisturbed year, the stated costs of a portfolio taken off."""
    plan = accounted(undisturbed(levered.plan(portfolio)))
    maker = plan.labels.makers.index(levered.maker)
    kept = kept_of(
        plan,
        lambda found: {"result": result_of(plan, found.outcome, maker)[:, 1]},
        seed=SEED,
        replications=1,
        batches=batches,
    )
    result = float(np.asarray(kept["result"])[0]) - typed_cost(levered.scenario, portfolio)
    return result * YEAR / plan.days


def steps_of(scenario: Scenario, stress: StressPlan) -> int:
    """Number of steps of :func:`reliefs`: failures and stops of each portfolio, and undisturbed years.

    A lever that changes how long processes are down changes the number of stops somewhat.
    """
    count = len(portfolios_of(scenario))
    return count * (len(stress.nodes) + stops_to_run(stress)) + count + min(count, 1)
