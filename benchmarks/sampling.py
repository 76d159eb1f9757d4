"""How much an even sample of the uncertain inputs gains: the variance of figures over repeated runs.

Each method runs the flagship as often with as many replications, so at equal cost; only the seeds differ.
"""

import numpy as np

from benchmarks.flagship import FLAGSHIP
from benchmarks.timing import print_table
from sim.model.compile import compile_plan
from sim.montecarlo.sampling import METHODS
from sim.risk import tail
from sim.risk.designs import simulated
from sim.scenario.load import load_scenario

RUNS = 16
REPLICATIONS = 1_024
FIGURES = {
    "mean": lambda losses: losses.mean(),
    "VaR95": lambda losses: tail.value_at_risk(losses, 0.95),
    "ES95": lambda losses: tail.expected_shortfall(losses, 0.95),
}


def main() -> None:
    """Print how far each figure of the first maker's loss share varies between runs."""
    variances = {method: _variances(method) for method in METHODS}
    rows = [
        (method, *(f"{variances[method][name] / variances['random'][name]:.2f}" for name in FIGURES))
        for method in METHODS
    ]
    title = (
        f"Variance of figures over {RUNS} runs of the flagship with {REPLICATIONS:,} replications, random = 1"
    )
    print_table(title, ("sampling", *FIGURES), rows)


def _variances(method: str) -> dict[str, float]:
    plan = compile_plan(load_scenario(FLAGSHIP, [f"analysis.sampling={method}"]))
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    for seed in range(RUNS):
        table = simulated(plan, seed=seed, replications=REPLICATIONS)
        losses = table[table["maker"] == table["maker"].iloc[0]]["loss_share"].to_numpy()
        for name, figure in FIGURES.items():
            found[name].append(figure(losses))
    return {name: float(np.var(values, ddof=1)) for name, values in found.items()}


if __name__ == "__main__":
    main()
