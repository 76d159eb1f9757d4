"""Whether the counterfactual of a batch works: what it serves of what is demanded."""

from collections.abc import Iterator

import numpy as np

from sim.model.baseline import Caution, baseline_cautions
from sim.model.plan import Plan
from sim.risk.outcomes import Outcome
from sim.scenario.schema import Scenario

SERVED = 0.95
"""Share of demand that a working baseline serves."""


def cautions_of(scenario: Scenario, plan: Plan, outcomes: Outcome) -> list[dict[str, str]]:
    """All signs of a broken baseline, of the plan and of the batch, as plain data.

    Parameters
    ----------
    scenario, plan
        What was simulated.
    outcomes
        What came of the replications.
    """
    found = [*baseline_cautions(scenario, plan), *_service(scenario, plan, outcomes)]
    return [{"path": caution.path, "message": caution.message} for caution in found]


def _service(scenario: Scenario, plan: Plan, outcomes: Outcome) -> Iterator[Caution]:
    """Makers whose customers the counterfactual serves too little in the loss window, on average."""
    for position, maker in enumerate(plan.labels.makers):
        shares = outcomes.normal_service[:, position]
        known = shares[~np.isnan(shares)]
        if len(known) and float(known.mean()) < SERVED:
            found = f"without the shock only {known.mean():.0%} of its customers' demand, by value, is served"
            why = "so the loss is measured against what fails by itself"
            remedy = "raise capacity or cover on the way to its customers"
            place = f"analysis.groups.{maker}" if maker in scenario.analysis.groups else f"firms.{maker}"
            yield Caution(place, f"{found}, {why}; {remedy}")
