"""Time to survive and performance impact: no simulated path beats one who knows the disruption in advance.

The linear programs of Simchi-Levi et al., "Identifying Risks and Mitigating Disruptions in the Automotive
Supply Chain", Interfaces 45(5), 2015. Where goods take no time and nothing has to be foreseen, both agree.
"""

import copy
import math

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import ban, day, factory, merged, shop, told

CHAPTER = "Time to survive"
SOURCE = "Simchi-Levi et al. 2015"
START = 10
LENGTHS = [3, 8, 15, 30]
AT_ONCE = {"lead_time_days": 0}


@pytest.mark.parametrize(("stock", "rate"), [(100.0, 10.0), (90.0, 9.0), (77.0, 11.0), (35.0, 2.5)])
def test_a_stock_that_nothing_fills_lasts_for_stock_over_rate(verify, stock, rate):
    data = shop(
        40,
        stock_points={"shelf": {"initial_on_hand": stock}},
        demand={"home": {"mean_per_day": rate, "patience_days": 0}},
        interventions={"ban": ban(0)},
    )
    lost = told(data).stream("home", "lost")
    verify(
        case=f"{stock:g} on hand, {rate:g} a day: first day with a lost sale",
        source="stock / rate",
        expected=stock / rate,
        simulated=float(np.flatnonzero(lost > 0.0)[0]),
    )


def two_suppliers(lead_time=0):
    """Half the parts are banned; the other supplier can send 6 of the 10 a day."""
    data = shop(
        60,
        firms={"other": {"name": "Other", "country": "JP"}},
        stock_points={
            "second": {"firm": "other", "item": "part"},
            "shelf": {"policy": {"units": 57.0}, "initial_on_hand": 57.0},
        },
        lanes={
            "parts": {"lead_time_days": lead_time},
            "more": {
                "supplier": "second",
                "buyer": "shelf",
                "lead_time_days": lead_time,
                "capacity_per_day": 6.0,
            },
        },
    )
    oracle = {"stock": {"shelf": 57.0}, "supply": {"shelf": 6.0}, "make": {}, "move": {}}
    return data, oracle | {"sell": {"home": {"point": "shelf", "units": 10.0, "value": 1.0}}}


def three_tiers(lead_time=0):
    """Raw material, 2 for a part, 1 part for a product; the raw material is banned."""
    data = factory(
        60,
        items={"raw": {"name": "Raw", "unit": "pieces"}},
        stock_points={
            "source": {"item": "raw"},
            "raw": {
                "firm": "maker",
                "item": "raw",
                "policy": {"kind": "base_stock", "units": 40.0},
                "initial_on_hand": 40.0,
            },
            "parts": {"policy": {"units": 25.0}, "initial_on_hand": 25.0},
            "goods": {"policy": {"units": 31.0}, "initial_on_hand": 31.0},
        },
        lanes={"parts": {"buyer": "raw", "lead_time_days": lead_time}},
        recipes={
            "assembly": {"inputs": {"parts": 1.0}},
            "milling": {"output": "parts", "inputs": {"raw": 2.0}},
        },
    )
    oracle = {
        "stock": {"raw": 40.0, "parts": 25.0, "goods": 31.0},
        "supply": {},
        "make": {
            "milling": {"output": "parts", "inputs": {"raw": 2.0}},
            "assembly": {"output": "goods", "inputs": {"parts": 1.0}},
        },
        "move": {},
        "sell": {"home": {"point": "goods", "units": 10.0, "value": 1.0}},
    }
    return data, oracle


def shared_part(still=5.0):
    """Two products share a part; the dear one is made to order and goes first. `still` parts a day come."""
    data = factory(
        60,
        firms={"other": {"name": "Other", "country": "JP"}},
        items={"cheap": {"name": "Cheap", "kind": "product", "unit": "pieces"}},
        stock_points={
            "second": {"firm": "other", "item": "part"},
            "parts": {
                "policy": {"units": 60.0},
                "initial_on_hand": 60.0,
                "allocation": "priority",
            },
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "cheap": {
                "firm": "maker",
                "item": "cheap",
                "policy": {"kind": "base_stock", "units": 12.0},
                "initial_on_hand": 12.0,
            },
        },
        lanes={
            "parts": AT_ONCE,
            "more": {"supplier": "second", "buyer": "parts", "capacity_per_day": still},
        },
        recipes={
            "assembly": {"inputs": {"parts": 1.0}, "priority": 1},
            "cheaply": {"output": "cheap", "inputs": {"parts": 1.0}, "priority": 2},
        },
        demand={
            "home": {"mean_per_day": 4.0, "price": 5.0},
            "cheap": {
                "stock_point": "cheap",
                "market": "home",
                "mean_per_day": 6.0,
                "process": "constant",
                "price": 3.0,
            },
        },
    )
    oracle = {
        "stock": {"parts": 60.0, "goods": 0.0, "cheap": 12.0},
        "supply": {"parts": still},
        "make": {
            "assembly": {"output": "goods", "inputs": {"parts": 1.0}},
            "cheaply": {"output": "cheap", "inputs": {"parts": 1.0}},
        },
        "move": {},
        "sell": {
            "home": {"point": "goods", "units": 4.0, "value": 5.0},
            "cheap": {"point": "cheap", "units": 6.0, "value": 3.0},
        },
    }
    return data, oracle


def banned_for(data, length, turned_back=False):
    """Value of the sales lost in a ban of some days, and its first day with a lost sale, counted from 0."""
    changes = {"interventions": {"ban": ban(START, end=day(START + length))}}
    if turned_back:
        changes["interventions"]["ban"]["in_transit"] = "turned_back"
    data = merged(copy.deepcopy(data), changes)
    for stream in data["demand"].values():
        stream["patience_days"] = 0
    run = told(data)
    value, any_lost = 0.0, np.zeros(length, dtype=bool)
    for stream, fields in data["demand"].items():
        lost = run.stream(stream, "lost")[START : START + length]
        worth = fields["price"] if len(data["demand"]) > 1 else 1.0
        value += worth * float(lost.sum())
        any_lost |= lost > 1e-9
    return value, float(np.argmax(any_lost)) if any_lost.any() else math.inf


AGREEING = {
    "two suppliers": two_suppliers,
    "three tiers": three_tiers,
    "shared part": shared_part,
}


@pytest.mark.parametrize("network", list(AGREEING))
@pytest.mark.parametrize("length", LENGTHS)
def test_performance_impact_without_lead_times_is_the_clairvoyant_s(verify, network, length):
    data, oracle = AGREEING[network]()
    verify(
        case=f"{network}, {length} days: value of lost sales",
        source=f"{SOURCE}, performance impact",
        expected=theory.least_lost(oracle, length),
        simulated=banned_for(data, length)[0],
        tolerance=1e-6,
    )


@pytest.mark.parametrize("network", list(AGREEING))
def test_time_to_survive_without_lead_times_is_the_clairvoyant_s(verify, network):
    """The simulation serves whole days: its first lost sale is on the day on which the stock gives out."""
    data, oracle = AGREEING[network]()
    survives = theory.longest_survival(oracle, 40.0)
    verify(
        case=f"{network}: whole days survived (linear program {survives:.4f})",
        source=f"{SOURCE}, time to survive",
        expected=math.floor(survives + 1e-6),
        simulated=banned_for(data, 40)[1],
    )


FORESIGHT_PAYS = {
    "two suppliers, 4 days away": lambda: two_suppliers(lead_time=4),
    "three tiers, 3 days away": lambda: three_tiers(lead_time=3),
    "shared part, too little for the dear product": lambda: shared_part(still=3.0),
}


@pytest.mark.parametrize("network", list(FORESIGHT_PAYS))
@pytest.mark.parametrize("length", LENGTHS)
def test_no_path_beats_the_clairvoyant(network, length):
    data, oracle = FORESIGHT_PAYS[network]()
    least = theory.least_lost(oracle, length)
    lost, first = banned_for(data, length)
    assert lost >= least - 1e-6
    assert first <= theory.longest_survival(oracle, 40.0) + 1e-6 or first == math.inf


def test_foresight_pays_where_the_dear_product_runs_short():
    """Serving both until the part is gone costs more than keeping it for the dear one."""
    data, oracle = FORESIGHT_PAYS["shared part, too little for the dear product"]()
    assert banned_for(data, 30)[0] > theory.least_lost(oracle, 30) + 1.0


@pytest.mark.parametrize(("left", "stock", "length"), [(6.0, 30.0, 20), (0.0, 45.0, 9), (9.0, 20.0, 30)])
def test_a_source_that_loses_capacity(verify, left, stock, length):
    data = shop(
        60,
        stock_points={
            "source": {"capacity_per_day": 20.0},
            "shelf": {"policy": {"units": stock}, "initial_on_hand": stock},
        },
        lanes={"parts": AT_ONCE},
        demand={"home": {"patience_days": 0}},
        interventions={
            "fire": {
                "kind": "capacity_loss",
                "title": "Fire",
                "date": day(START),
                "end": day(START + length),
                "lost_share": 1.0 - left / 20.0,
                "covers": {"stock_points": ["source"]},
            }
        },
    )
    oracle = {"stock": {"shelf": stock}, "supply": {"shelf": left}, "make": {}, "move": {}}
    oracle["sell"] = {"home": {"point": "shelf", "units": 10.0, "value": 1.0}}
    lost = told(data).stream("home", "lost")[START : START + length]
    verify(
        case=f"{left:g} of 10 a day still come, stock {stock:g}, {length} days: lost sales",
        source=f"{SOURCE}, performance impact",
        expected=theory.least_lost(oracle, length),
        simulated=float(lost.sum()),
        tolerance=1e-6,
    )


def test_impatient_customers_wait_their_patience_on_average(verify):
    """In a queue that is never served, a share 1/p leaves every day: p - 1 days wait in the steady state."""
    data = shop(
        400,
        stock_points={"shelf": {"initial_on_hand": 0.0, "policy": {"units": 0.0}}},
        demand={"home": {"patience_days": 8}},
        interventions={"ban": ban(0)},
    )
    run = told(data)
    source = "Little 1961: rate x (patience - 1)"
    verify(
        case="patience 8, nothing served: waiting",
        source=source,
        expected=70.0,
        simulated=run.stream("home", "backlog")[-1],
    )
    verify(
        case="patience 8, nothing served: leaving a day",
        source=source,
        expected=10.0,
        simulated=run.stream("home", "lost")[-1],
    )
