"""Stock that ages: the newsvendor, day after day, and a life of two days by its chain."""

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import network, shop, told
from tests.verification.estimate import over_time

CHAPTER = "Shelf life"
DAYS = 12_000
UNIFORM = np.full(5, 0.2)
"""Demand of 0 to 4, each equally likely."""
DEMAND = {"process": "empirical", "observations": [0.0, 1.0, 2.0, 3.0, 4.0], "patience_days": 0}


@pytest.mark.parametrize("units", [2, 3])
def test_what_can_be_used_on_one_day_is_a_newsvendor_s(verify, root_seed, units):
    """The same standing order comes every day; what is not sold on it is written off."""
    policy = {"kind": "tailored_base_surge", "regular": "slow", "expedited": "fast"}
    data = network(
        DAYS,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "part",
                "policy": policy | {"standing_units": float(units)},
                "shelf_life_days": 1,
            },
        },
        lanes={
            "slow": {"supplier": "source", "buyer": "shelf", "lead_time_days": 2},
            "fast": {"supplier": "source", "buyer": "shelf", "lead_time_days": 1},
        },
        demand={"home": DEMAND | {"stock_point": "shelf", "market": "home", "price": 1.0}},
    )
    run = told(data, root_seed)
    for measure, expected, series in (
        ("expired", theory.on_hand(units, UNIFORM), run.point("shelf", "expired")),
        ("lost", theory.backorders(units, UNIFORM), run.stream("home", "lost")),
        ("days sold out", float(UNIFORM[units:].sum()), run.point("shelf", "expired") == 0.0),
    ):
        verify(
            case=f"life of 1 day, {units} a day, demand uniform on 0 to 4: {measure}",
            source="Snyder & Shen, 4.3.2: the newsvendor",
            expected=expected,
            **over_time(series, 50),
        )


@pytest.mark.parametrize("target", [4, 6])
def test_a_life_of_two_days_follows_its_chain(verify, root_seed, target):
    data = shop(DAYS, lanes={"parts": {"lead_time_days": 1}}, demand={"home": DEMAND})
    del data["demand"]["home"]["mean_per_day"]
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": float(target)},
        "initial_on_hand": float(target),
        "shelf_life_days": 2,
    }
    run = told(data, root_seed)
    expected = theory.two_day_life(target, UNIFORM)
    found = run.stream("home", "lost"), run.point("shelf", "expired"), run.point("shelf", "on_hand")
    for measure, mean, series in zip(("lost", "expired", "on hand"), expected, found, strict=True):
        verify(
            case=f"life of 2 days, S = {target}, demand uniform on 0 to 4: {measure}",
            source="chain of age classes (Van Zyl 1964; Nahmias 1975)",
            expected=mean,
            **over_time(series, 50),
        )
