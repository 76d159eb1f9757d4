"""Which optimiser finds good portfolios of levers with few simulations.

``python -m benchmarks.optimisers SCENARIO TABLE.npz`` simulates every portfolio of some levers at their
lowest and highest levels once, so that optimisers only look up what they ask for and the true frontier is
known; without a scenario it takes the table that is there. Each optimiser then runs with the same number of
evaluations and several seeds. Those that are no part of the project may live in a folder that ``PYTHONPATH``
names; what is not there is skipped.
"""

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Choice = tuple[int, ...]
"""The place of each lever's level."""
Optimiser = Callable[["Problem", int, int], None]

BUDGETS = (20, 40, 80)
SEEDS = 10
OBJECTIVES = 3
FUTURES = 32
"""Of each portfolio of a table."""


class Problem:
    """Looks up a portfolio's cost, expected shortfall and expected loss, and remembers which were asked for.

    Asking again for the same portfolio is free, as an evaluation is kept; ``limit`` counts different ones.
    """

    def __init__(self, table: Floats, limit: int) -> None:
        self.table, self.limit = table, limit
        self.sizes = table.shape[:-1]
        low, high = (end(table.reshape(-1, OBJECTIVES), axis=0) for end in (np.min, np.max))
        self.low, self.width = low, high - low
        self.seen: dict[Choice, Floats] = {}

    @property
    def is_over(self) -> bool:
        return len(self.seen) >= self.limit

    def __call__(self, choice: Choice) -> Floats:
        """``[objective]``, each from 0 to 1 over all portfolios; less is better."""
        found = (self.table[choice] - self.low) / self.width
        if not self.is_over:
            self.seen[choice] = found
        return found

    def random(self, rng: np.random.Generator) -> Choice:
        return tuple(int(rng.integers(size)) for size in self.sizes)

    def neighbours(self, choice: Choice) -> Iterator[Choice]:
        """Portfolios with one lever at another level."""
        for lever, size in enumerate(self.sizes):
            for level in range(size):
                if level != choice[lever]:
                    yield (*choice[:lever], level, *choice[lever + 1 :])


def hypervolume(points: Floats) -> float:
    """Area that points dominate up to (1, 1), which is the worst in both."""
    area, risk = 0.0, 1.0
    for cost, shortfall in points[np.lexsort((points[:, 1], points[:, 0]))]:
        if shortfall < risk:
            area += (1.0 - cost) * (risk - shortfall)
            risk = shortfall
    return area


def at_random(problem: Problem, seed: int, _limit: int) -> None:
    rng = np.random.default_rng(seed)
    while not problem.is_over:
        problem(problem.random(rng))


class _Levels:
    def __init__(self, sizes: Choice) -> None:
        self.sizes = sizes

    def moved(self, choice: Choice, coordinate: int, value: int) -> Choice:
        return (*choice[:coordinate], value, *choice[coordinate + 1 :])


def one_lever_at_a_time(problem: Problem, seed: int, limit: int) -> None:
    from sim.risk.searching import search

    def objectives(choice: Choice) -> Floats:
        cost, risk, loss = problem(choice)
        return np.array([0.0, loss, risk, cost])

    search(_Levels(problem.sizes), objectives, limit, seed)


def _optuna(problem: Problem, limit: int, sampler: object) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=["minimize"] * OBJECTIVES, sampler=sampler)
    study.enqueue_trial({str(lever): 0 for lever in range(len(problem.sizes))})

    def asked(trial: optuna.Trial) -> tuple[float, ...]:
        choice = tuple(trial.suggest_int(str(lever), 0, size - 1) for lever, size in enumerate(problem.sizes))
        return tuple(map(float, problem(choice)))

    tries = 0
    while not problem.is_over and tries < 2 * limit:
        study.optimize(asked, n_trials=1)
        tries += 1


def optuna_nsga2(problem: Problem, seed: int, limit: int) -> None:
    from optuna.samplers import NSGAIISampler

    _optuna(problem, limit, NSGAIISampler(population_size=20, seed=seed))


def optuna_tpe(problem: Problem, seed: int, limit: int) -> None:
    from optuna.samplers import TPESampler

    _optuna(problem, limit, TPESampler(seed=seed, n_startup_trials=20, multivariate=False))


def optuna_tpe_together(problem: Problem, seed: int, limit: int) -> None:
    from optuna.samplers import TPESampler

    _optuna(problem, limit, TPESampler(seed=seed, n_startup_trials=20, multivariate=True))


def pymoo_nsga2(problem: Problem, seed: int, limit: int) -> None:
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling
    from pymoo.optimize import minimize

    class Asked(ElementwiseProblem):  # type: ignore[misc]
        def __init__(self) -> None:
            highest = np.array(problem.sizes) - 1
            super().__init__(n_var=len(highest), n_obj=OBJECTIVES, xl=0, xu=highest, vtype=int)

        def _evaluate(self, x: Floats, out: dict[str, Floats], *_args: object, **_kwargs: object) -> None:
            out["F"] = problem(tuple(int(level) for level in x))

    algorithm = NSGA2(
        pop_size=20,
        sampling=IntegerRandomSampling(),
        crossover=SBX(prob=0.9, eta=3.0, vtype=float, repair=RoundingRepair()),
        mutation=PM(eta=3.0, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    minimize(Asked(), algorithm, ("n_eval", 3 * limit), seed=seed, verbose=False)


def gaussian_process(problem: Problem, seed: int, limit: int) -> None:
    """Expected improvement of a sum with random weights, by a process for each objective; four at a time."""
    from scipy.stats import norm
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    rng, highest = np.random.default_rng(seed), np.array(problem.sizes) - 1
    problem((0,) * len(problem.sizes))
    while len(problem.seen) < min(20, limit):
        problem(problem.random(rng))
    while not problem.is_over:
        known = np.array(list(problem.seen))
        values = np.array(list(problem.seen.values()))
        models = [
            GaussianProcessRegressor(
                Matern(np.ones(len(highest)), (0.1, 30.0), nu=2.5) + WhiteKernel(1e-4, (1e-6, 1e-1)),
                normalize_y=True,
            ).fit(known / highest, column)
            for column in values.T
        ]
        pool = {problem.random(rng) for _ in range(400)}
        for place in rng.choice(len(known), size=min(12, len(known)), replace=False):
            pool |= set(problem.neighbours(tuple(known[place])))
        free = np.array(sorted(pool - set(problem.seen)))
        told = [model.predict(free / highest, return_std=True) for model in models]
        for _ in range(4):
            weights = rng.dirichlet(np.ones(OBJECTIVES))
            mean = sum(weight * one[0] for weight, one in zip(weights, told, strict=True))
            sd = np.sqrt(sum((weight * one[1]) ** 2 for weight, one in zip(weights, told, strict=True)))
            gain = (values @ weights).min() - mean
            gained = gain * norm.cdf(gain / sd) + sd * norm.pdf(gain / sd)
            problem(tuple(int(level) for level in free[np.argmax(gained)]))


OPTIMISERS: dict[str, Optimiser] = {
    "at random": at_random,
    "one lever at a time": one_lever_at_a_time,
    "Optuna NSGA-II": optuna_nsga2,
    "Optuna TPE": optuna_tpe,
    "Optuna TPE, levers together": optuna_tpe_together,
    "pymoo NSGA-II": pymoo_nsga2,
    "scikit-learn GP": gaussian_process,
}


def _is_there(name: str) -> bool:
    library = name.split(maxsplit=1)[0].lower()
    return library not in ("optuna", "pymoo") or importlib.util.find_spec(library) is not None


def compare(path: Path) -> None:
    """Print, for each optimiser, the hypervolume that it reaches and what it misses of the highest result."""
    table = np.load(path)["table"]
    every = Problem(table, table.size)
    costs = (table.reshape(-1, OBJECTIVES) - every.low) / every.width
    full = hypervolume(costs[:, :2])
    nothing = every((0,) * len(every.sizes))[2]
    print(f"{path.name}: {len(costs)} portfolios of {len(every.sizes)} levers, {SEEDS} seeds")
    print("| optimiser | evaluations | hypervolume, mean | worst | missed of the gain, mean | worst | s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    there = {name: optimiser for name, optimiser in OPTIMISERS.items() if _is_there(name)}
    for name, optimiser in there.items():
        for budget in BUDGETS:
            areas, missed, began = [], [], time.process_time()
            for seed in range(SEEDS):
                problem = Problem(table, budget)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    optimiser(problem, seed, budget)
                found = np.array(list(problem.seen.values()))
                areas.append(hypervolume(found[:, :2]) / full)
                missed.append((found[:, 2].min() - costs[:, 2].min()) / (nothing - costs[:, 2].min()))
            seconds = (time.process_time() - began) / SEEDS
            print(
                f"| {name} | {budget} | {np.mean(areas):.3f} | {np.min(areas):.3f} "
                f"| {np.mean(missed):.3f} | {np.max(missed):.3f} | {seconds:.2f} |",
                flush=True,
            )


def tabulate(scenario: Path, path: Path) -> None:
    """Simulate every portfolio of levers at their lowest and highest levels, on their first day."""
    from itertools import product

    from sim.model.levered import prepare_levered
    from sim.montecarlo.batches import InMemory
    from sim.risk.portfolios import LEVEL, loss_of_result
    from sim.risk.tail import expected_shortfall
    from sim.scenario.portfolios import NOTHING, Portfolio, Taken
    from sim.stories import SEED
    from sim.stories.portfolios import Evaluator

    found = prepare_levered(scenario)
    levels = {
        name: sorted({lever.levels.values[0], lever.levels.values[-1]}) if lever.levels else [None]
        for name, lever in found.scenario.levers.items()
    }
    evaluator = Evaluator(found, FUTURES, SEED, InMemory())
    nothing = evaluator.values(NOTHING)
    table = np.empty((*(1 + len(values) for values in levels.values()), OBJECTIVES))
    for choice in product(*(range(size) for size in table.shape[:-1])):
        taken = zip(levels.items(), choice, strict=True)
        portfolio = Portfolio(
            tuple(Taken(name, values[place - 1]) for (name, values), place in taken if place)
        )
        own = evaluator.values(portfolio)
        cost = nothing.result_without_shock - own.result_without_shock
        shortfall = expected_shortfall(loss_of_result(own, nothing), LEVEL)
        table[choice] = float(cost.mean()), shortfall, -float(own.result.mean())
    np.savez(path, table=table)


if __name__ == "__main__":
    *scenario, table_file = map(Path, sys.argv[1:])
    if scenario:
        tabulate(scenario[0], table_file)
    compare(table_file)
