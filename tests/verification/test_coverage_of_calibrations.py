"""Coverage of calibrations: of inputs that are known, because figures were simulated from them [1]_.

References
----------
.. [1] Cook, Gelman & Rubin, "Validation of software for Bayesian models using posterior quantiles", J.
   Comput. Graph. Stat. 15 (2006).
"""

import numpy as np
import pytest

from sim.montecarlo.batches import InMemory
from sim.scenario.targets import Targets
from sim.stories import calibrate
from tests.builders import ban, day, read, shop

WANTED, PRICE = "demand.home.mean_per_day", "demand.home.price"
CALIBRATIONS, SIMULATIONS, SHARE = 100, 64, 0.01


def market():
    """Steady demand from a full shelf; how much is wanted, and at what price, is open."""
    uniform = {"dist": "uniform"}
    return read(
        shop(
            180,
            stock_points={"shelf": {"policy": {"units": 1000.0}, "initial_on_hand": 1000.0}},
            demand={
                "home": {
                    "process": "gamma",
                    "dispersion": 1.0,
                    "mean_per_day": uniform | {"low": 5.0, "high": 20.0},
                    "price": uniform | {"low": 1.0, "high": 4.0},
                }
            },
            interventions={"ban": ban(170)},
        )
    )


def targets(values):
    known = {"firm": "maker", "published": "2021-07-01"}
    revenue = known | {"measure": "revenue", "start": day(0), "end": day(89), "sd": 60.0}
    stock = known | {"measure": "inventory_value", "start": day(60), "end": day(60), "sd": 3.0}
    named = zip(("revenue", "stock"), (revenue, stock), values, strict=True)
    return Targets.model_validate(
        {
            "inputs": {WANTED: None, PRICE: None},
            "targets": {name: entry | {"value": float(value)} for name, entry, value in named},
            "discrepancy_share": SHARE,
        }
    )


@pytest.mark.slow
def test_ninety_percent_intervals_hold_nine_in_ten_truths():
    scenario, generator, held = market(), np.random.default_rng(2026), []
    blank = calibrate.question_of(scenario, targets((1.0, 1.0)))
    for number in range(CALIBRATIONS):
        truth = generator.normal(size=(1, 2))
        came = calibrate._simulated(blank, truth, 10_000 + number, InMemory(1))[0]
        wrong = SHARE * abs(generator.normal()) * np.abs(came) * generator.normal(size=2)
        reported = came + blank.aim.sds * generator.normal(size=2) + wrong
        question = calibrate.question_of(scenario, targets(reported))
        _, tables = calibrate._found(question, SIMULATIONS, number, InMemory(1))
        inputs, true = tables["posterior_inputs"], blank.values(truth)[0]
        held.append((inputs["p05"].to_numpy() <= true) & (true <= inputs["p95"].to_numpy()))
    share = float(np.mean(held))
    print(f"\n90 % intervals hold {share:.1%} of {2 * CALIBRATIONS} inputs", np.mean(held, axis=0))  # noqa: T201
    assert 0.86 <= share <= 0.94
