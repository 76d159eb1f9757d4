"""Both engines on a scenario with the policy and the intervention of the worked examples.

``python -m tests.recipes.both_engines PROJECT`` runs in a copy of the package where the steps were followed.
"""

import sys
from pathlib import Path

import numpy as np

import sim
from sim.montecarlo import compiled_batch
from tests.builders import compiled, day, shop, told
from tests.differential import compare

SCENARIO = shop(
    20,
    stock_points={
        "source": {"capacity_per_day": 50.0},
        "shelf": {"policy": {"kind": "standing_order", "units": 8.0}, "initial_on_hand": 30.0},
    },
    interventions={
        "stop": {
            "kind": "shutdown",
            "title": "The supplier stands still",
            "date": day(10),
            "shock": True,
            "covers": {"firms": ["supplier"]},
        }
    },
)


def main(project: str) -> None:
    """Say what was found if both engines agree and do what the recipes say."""
    assert Path(sim.__file__).is_relative_to(project)
    compiled_batch.WIDTH = compare.COMPARED
    plan = compiled(SCENARIO)
    compare.assert_same_measures(plan, compare.readable(plan, compare.COMPARED))
    compare.assert_same_states(plan)
    path = told(SCENARIO)
    np.testing.assert_array_equal(path.point("shelf", "ordered"), 8.0)
    np.testing.assert_array_equal(path.lane("parts", "shipped"), [8.0] * 10 + [0.0] * 10)
    sys.stdout.write("both engines agree\n")


if __name__ == "__main__":
    main(sys.argv[1])
