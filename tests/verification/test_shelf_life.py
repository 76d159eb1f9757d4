"""Stock that ages: the newsvendor, day after day, and a life of two days by its chain."""

import numpy as np
import pytest
from scipy import stats

from tests import oracles_theory as theory
from tests.builders import measured, network, shop, told, twins_of
from tests.verification.estimate import over_time

CHAPTER = "Shelf life"
DAYS = 12_000
UNIFORM = np.full(5, 0.2)
"""Demand of 0 to 4, each equally likely."""
DEMAND = {"process": "empirical", "observations": [0.0, 1.0, 2.0, 3.0, 4.0], "patience_days": 0}

PRICE, COST, SALVAGE = 2.0, 1.0, 0.5
FRACTILE = (PRICE - COST) / (PRICE - SALVAGE)
NORMAL = {"mean_per_day": 50.0, "process": "normal", "dispersion": 64.0 / 50.0, "patience_days": 0}


def newsstand(units, demand, **changes):
    """What is new every morning and sold on the day or not at all."""
    policy = {"kind": "tailored_base_surge", "regular": "slow", "expedited": "fast"}
    return network(
        DAYS,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "part",
                "policy": policy | {"standing_units": float(units)},
                "shelf_life_days": 1,
                **changes,
            },
        },
        lanes={
            "slow": {"supplier": "source", "buyer": "shelf", "lead_time_days": 2, "price": COST},
            "fast": {"supplier": "source", "buyer": "shelf", "lead_time_days": 1, "price": COST},
        },
        demand={"home": demand | {"stock_point": "shelf", "market": "home", "price": PRICE}},
    )


@pytest.mark.parametrize("units", [2, 3])
def test_what_can_be_used_on_one_day_is_a_newsvendor_s(verify, root_seed, units):
    """The same standing order comes every day; what is not sold on it is written off."""
    run = told(newsstand(units, DEMAND), root_seed)
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


def profit_per_day(data, seed):
    """Of each week of the account, the margin of a day."""
    weekly = measured(twins_of(data | {"analysis": {"account": True}}, seed)).courses.margin[0, 0]
    return weekly[: DAYS // 7] / 7.0


def test_what_expires_is_sold_for_its_salvage_value_and_the_critical_fractile_is_best(verify, root_seed):
    """Underage costs p - c, overage c - s: best is the fractile (p - c) / (p - s) of demand."""
    mean, sd = 50.0, 8.0
    best = stats.norm.ppf(FRACTILE, mean, sd)
    found = {}
    for name, units in (("best", best), ("8 less", best - 8.0), ("8 more", best + 8.0)):
        z = (units - mean) / sd
        sold = mean - sd * (stats.norm.pdf(z) - z * stats.norm.sf(z))
        data = newsstand(units, NORMAL, salvage_value_per_unit=SALVAGE)
        found[name] = (PRICE - SALVAGE) * sold - (COST - SALVAGE) * units
        verify(
            case=f"life of 1 day, normal(50, 8), p = 2, c = 1, s = 0.5, {name}: profit a day",
            source="Snyder & Shen, 4.3.2: the newsvendor with salvage value",
            expected=found[name],
            **over_time(profit_per_day(data, root_seed), 10),
        )
    closed_form = (PRICE - COST) * mean - (PRICE - SALVAGE) * sd * stats.norm.pdf((best - mean) / sd)
    assert found["best"] == pytest.approx(closed_form)
    assert found["best"] == max(found.values())
    run = told(newsstand(best, NORMAL, salvage_value_per_unit=SALVAGE), root_seed)
    verify(
        case="life of 1 day, normal(50, 8), p = 2, c = 1, s = 0.5, best: days not sold out",
        source="(p - c) / (p - s): Snyder & Shen, 4.3.2",
        expected=FRACTILE,
        **over_time(run.point("shelf", "expired") > 0.0, 10),
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
