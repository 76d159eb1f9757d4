"""Every member of every closed set makes a difference, the same one in both engines."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from sim.kinds import DemandProcess, Effect, ForecastKind, Pause, PolicyKind, Ramp, Sourcing
from sim.model.plan import Plan
from tests.builders import Data, ban, compiled, day, factory, measured, merged
from tests.differential.compare import assert_same_measures, assert_same_states, readable

DAYS = 40


def network(**changes: Any) -> Data:
    """A maker of parts for 10 goods a day; customers do not wait."""
    base = factory(
        DAYS,
        stock_points={"parts": {"policy": {"units": 100.0}, "initial_on_hand": 80.0}},
        lanes={"parts": {"controlled_content_share": 1.0}},
        demand={"home": {"patience_days": 0}},
    )
    return merged(base, changes)


def told(plan: Plan) -> bytes:
    """All measures and all daily states of a replication, on which both engines agree."""
    twins = readable(plan, 1)
    assert_same_states(plan, twins)
    assert_same_measures(plan, twins)
    ledger = twins[0].scenario.ledger
    tables: list[Any] = [
        *[measured(its).outcome for its in twins],
        ledger.points,
        ledger.lanes,
        ledger.streams,
    ]
    columns = [getattr(table, field.name) for table in tables for field in dataclasses.fields(table)]
    return b"".join(np.ascontiguousarray(column).tobytes() for column in columns)


def shock(kind: str, start: int = 5, **fields: Any) -> Data:
    return {"kind": kind, "title": "A shock", "date": day(start), "shock": True} | fields


def change(number: str, **fields: Any) -> dict[str, Data]:
    return {"change": shock("change", number=number, **fields)}


BESIDE: dict[Effect, Data] = {
    Effect.CHANGES_SHARE: {
        "lanes": {"more": {"supplier": "source", "buyer": "parts", "lead_time_days": 6, "price": 1.0}}
    },
    Effect.CHANGES_ENGINEERS: {
        "firms": {"maker": {"engineers": 10.0}},
        "substitutes": {
            "late": {
                "supplier": "source", "buyer": "parts", "trigger": {"date": day(2)}, "engineer_days": 50.0,
                "qualification_lag_days": 5, "ramp_days": 5, "lead_time_days": 1,
            }
        },
    },
    Effect.DESTROYS_WORK: {"recipes": {"assembly": {"process_days": 2}}},
    Effect.CHANGES_LANE_CAPACITY_SHARE: {"lanes": {"parts": {"capacity_share_of_usage": 2.0}}},
}  # fmt: skip
"""What some effects need in the network, to make a difference."""


EFFECTS: dict[Effect, Data] = {
    Effect.RESTRICTS_LANE: {"ban": ban(5)},
    Effect.RELIEVES_LANE: {
        "ban": ban(5),
        "licence": shock("licence", 15, relieves=["ban"], volume_share=0.5),
    },
    Effect.SCALES_DEMAND: {"less": shock("demand_shift", covers={}, factor=0.5)},
    Effect.SCALES_STREAM_PRICE: {"cheaper": shock("price_change", streams={}, factor=0.5)},
    Effect.SCALES_LANE_PRICE: {"dearer": shock("price_change", lanes={}, factor=2.0)},
    Effect.TAXES_LANE: {"duty": shock("tariff", covers={}, rate=0.5, passed_on_share=0.5)},
    Effect.SCALES_CAPACITY: {"fire": shock("capacity_loss", covers={"stock_points": ["goods"]})},
    Effect.RAISES_TARGET: {"more": shock("stockpiling", covers={}, target_factor=2.0)},
    Effect.LIFTS: {"ban": ban(5), "lifted": shock("lifting", 15, lifts=["ban"])},
    Effect.BARS_STREAM: {"listed": shock("end_user_ban", covers={})},
    Effect.RELIEVES_STREAM: {
        "listed": shock("end_user_ban", covers={}),
        "licence": shock("licence", 15, relieves=["listed"], volume_share=0.5),
    },
    Effect.PAUSES_LANE: {"strike": shock("disruption", pauses="shipments", lanes={})},
    Effect.PAUSES_RECIPE: {
        "strike": shock("disruption", pauses="shipments", stock_points={"stock_points": ["goods"]})
    },
    Effect.CHANGES_CAPACITY: change("capacity_per_day", stock_points={"stock_points": ["goods"]}, to=6.0),
    Effect.CHANGES_LANE_CAPACITY: change("capacity_per_day", lanes={}, to=6.0, ramp_days=8),
    Effect.CHANGES_LANE_CAPACITY_SHARE: change("capacity_share_of_usage", lanes={}, factor=0.3),
    Effect.CHANGES_SHARE: change("share", lanes={"lanes": ["more"]}, to=0.1),
    Effect.CHANGES_SUBSIDIARY_SHARE: {"ban": ban(5)} | change("subsidiary_share", lanes={}, add=0.5),
    Effect.CHANGES_LEAD_TIME: change("lead_time_days", lanes={}, factor=4.0),
    Effect.CHANGES_LANE_PRICE: change("price", lanes={}, add=1.0),
    Effect.CHANGES_STREAM_PRICE: change("price", streams={}, to=3.0),
    Effect.CHANGES_INPUT_UNITS: change("inputs", recipes=["assembly"], factor=2.0),
    Effect.CHANGES_YIELD: change("yield_share", recipes=["assembly"], to=0.5),
    Effect.CHANGES_ENGINEERS: change("engineers", firms=["maker"], to=1.0),
    Effect.DESTROYS_STOCK: {
        "fire": shock("stock_loss", stock_points={"stock_points": ["parts"]}, on_hand_share=0.7)
    },
    Effect.DESTROYS_WORK: {
        "fire": shock("stock_loss", stock_points={"stock_points": ["goods"]}, work_in_process_share=0.7)
    },
    Effect.DESTROYS_TRANSIT: {"seizure": shock("stock_loss", lanes={}, in_transit_share=0.7)},
}


def without(plan: Plan, effect: Effect) -> Plan:
    """The plan without the effects of a kind."""
    others = plan.effects.kind != effect
    names = [field.name for field in dataclasses.fields(plan.effects)]
    rows = {name: getattr(plan.effects, name)[others] for name in names}
    return dataclasses.replace(plan, effects=dataclasses.replace(plan.effects, **rows))


@pytest.mark.parametrize("effect", Effect, ids=repr)
def test_every_effect_has_one(effect):
    plan = compiled(network(**BESIDE.get(effect, {}), interventions=EFFECTS[effect]))
    assert effect in plan.effects.kind
    assert told(plan) != told(without(plan, effect))


TWO_LANES = {"regular": "more", "expedited": "parts"}
POLICIES: dict[PolicyKind, Data] = {
    PolicyKind.NONE: {"kind": "none", "units": None},
    PolicyKind.BASE_STOCK: {"kind": "base_stock"},
    PolicyKind.REORDER_UP_TO: {"kind": "s_S", "reorder_units": 50.0},
    PolicyKind.REORDER_QUANTITY: {"kind": "r_Q", "units": None, "reorder_units": 50.0, "batch_units": 70.0},
    PolicyKind.ECHELON_BASE_STOCK: {"kind": "echelon_base_stock"},
    PolicyKind.DUAL_INDEX: {"kind": "dual_index", **TWO_LANES, "expedited_units": 80.0},
    PolicyKind.TAILORED_BASE_SURGE: {"kind": "tailored_base_surge", **TWO_LANES, "standing_units": 7.0},
}
FORECASTS: dict[ForecastKind, Data] = {
    ForecastKind.PLANNED: {},
    ForecastKind.MOVING_AVERAGE: {"forecast": {"kind": "moving_average", "days": 4}},
    ForecastKind.EXPONENTIAL_SMOOTHING: {
        "forecast": {"kind": "exponential_smoothing", "level_smoothing": 0.3, "trend_smoothing": 0.2}
    },
    ForecastKind.HOLT_WINTERS: {
        "forecast": {
            "kind": "holt_winters",
            "level_smoothing": 0.3,
            "season_smoothing": 0.4,
            "season_days": 7,
        }
    },
}
PROCESSES: dict[DemandProcess, Data] = {
    DemandProcess.CONSTANT: {},
    DemandProcess.GAMMA: {"dispersion": 2.0},
    DemandProcess.POISSON: {"dispersion": 1.0},
    DemandProcess.NEGATIVE_BINOMIAL: {"dispersion": 2.0},
    DemandProcess.NORMAL: {"dispersion": 2.0},
    DemandProcess.LISTED: {"observations": [5.0, 15.0, 11.0], "mean_per_day": None},
    DemandProcess.EMPIRICAL: {"observations": [5.0, 15.0, 11.0], "mean_per_day": None},
}
MORE: Data = {"supplier": "source", "buyer": "parts", "rank": 2, "lead_time_days": 6, "price": 1.0}
LATE: Data = {
    "supplier": "source", "buyer": "parts", "trigger": {"date": day(5)}, "qualification_lag_days": 1,
    "ramp_days": 10, "share": 1.0, "lead_time_days": 1,
}  # fmt: skip


def with_policy(kind: PolicyKind) -> Data:
    given = {"kind": "base_stock", "units": 100.0} | POLICIES[kind]
    policy = {name: value for name, value in given.items() if value is not None}
    data = network(lanes={"more": MORE})
    data["stock_points"]["parts"]["policy"] = policy
    return data


def with_forecast(kind: ForecastKind) -> Data:
    data = network(demand={"home": {"dispersion": 2.0, "process": "gamma"}})
    data["stock_points"]["parts"] |= FORECASTS[kind] | {"policy": {"kind": "base_stock", "cover_days": 5.0}}
    return data


def with_process(kind: DemandProcess) -> Data:
    return network(demand={"home": {"process": kind.name.lower()} | PROCESSES[kind]})


def with_pause(kind: Pause) -> Data:
    strike = shock("disruption", pauses=kind.name.lower(), lanes={}, duration_days=9)
    return network(interventions={"strike": strike})


def with_sourcing(kind: Sourcing) -> Data:
    return network(
        stock_points={"parts": {"sourcing": kind.name.lower()}},
        lanes={"parts": {"capacity_per_day": 15.0}, "more": MORE},
    )


def with_ramp(kind: Ramp) -> Data:
    return network(
        lanes={"parts": {"lead_time_days": 3}},
        substitutes={"late": LATE | {"ramp": kind.name.lower()}},
        interventions={"ban": ban(5, covers={"lanes": ["parts"]})},
    )


@pytest.mark.parametrize(
    ("kinds", "data_with"),
    [
        (PolicyKind, with_policy),
        (ForecastKind, with_forecast),
        (DemandProcess, with_process),
        (Pause, with_pause),
        (Sourcing, with_sourcing),
        (Ramp, with_ramp),
    ],
)
def test_every_member_differs_from_all_others(kinds, data_with):
    found = {told(compiled(data_with(kind))) for kind in kinds}
    assert len(found) == len(kinds)


LEVELS: dict[str, Data] = {
    "none": {},
    "random walk": {"cycle": {"process": "random_walk", "volatility_per_year": 0.8}},
    "mean-reverting": {
        "cycle": {"process": "mean_reverting", "volatility_per_year": 0.8, "half_life_days": 5}
    },
    "loaded": {"cycle": {"process": "random_walk", "volatility_per_year": 0.8, "loadings": {"home": -2.0}}},
}
SWITCHING: dict[str, Data] = {
    "nobody": {},
    "for good": {"switching": {"share": 0.5, "repurchase_days": 5}},
    "for a time": {"switching": {"share": 0.5, "repurchase_days": 5, "half_life_days": 5}},
    "to a rival": {"switching": {"share": 0.5, "repurchase_days": 5, "to": "rival"}},
}


def test_every_way_in_which_demand_moves_differs_from_all_others():
    assert len({told(compiled(network(demand_factors=factors))) for factors in LEVELS.values()}) == len(
        LEVELS
    )


def test_every_way_in_which_customers_switch_differs_from_all_others():
    rival = {"stock_point": "source", "market": "home", "mean_per_day": 1.0, "process": "constant"}
    data = [
        network(demand={"home": fields, "rival": {**rival, "price": 1.0}}, interventions={"ban": ban(5)})
        for fields in SWITCHING.values()
    ]
    assert len({told(compiled(its)) for its in data}) == len(data)


PLAIN: Data = {"output": "goods", "inputs": {"parts": 3.0}}
RECIPES: dict[str, tuple[str, Data]] = {
    "one": ("rank", {}),
    "the lesser makes the rest": ("rank", {"plain": PLAIN | {"rank": 2}}),
    "the lesser is better": ("rank", {"plain": PLAIN, "assembly": {"rank": 2}}),
    "a mix": ("share", {"plain": PLAIN | {"share": 0.5}}),
    "another mix": ("share", {"plain": PLAIN | {"share": 0.25}}),
    "with a penalty": ("share", {"plain": PLAIN | {"share": 0.5, "performance_penalty": 0.2}}),
    "of little capacity": ("share", {"plain": PLAIN | {"share": 0.5, "capacity_share_of_usage": 0.1}}),
    "qualified late": ("share", {"plain": PLAIN | {"share": 0.5, "trigger": {"date": day(8)}}}),
    "with a ramp": ("share", {"plain": PLAIN | {"share": 0.5, "trigger": {"date": day(8)}, "ramp_days": 9}}),
    "slow": ("share", {"plain": PLAIN | {"share": 0.5, "process_days": 4}}),
    "of good yield": ("share", {"plain": PLAIN | {"share": 0.5, "yield_share": 0.7}}),
}
"""How an output is sourced from its recipes, and what these are; each makes at most 6 a day."""


def test_every_way_to_make_a_good_by_several_recipes_differs_from_all_others():
    limit = {"capacity_per_day": 6.0}
    data = [
        network(
            stock_points={"goods": {"sourcing": sourcing}},
            recipes={name: limit | recipes.get(name, {}) for name in {"assembly": None, **recipes}},
            interventions={"ban": ban(9)},
        )
        for sourcing, recipes in RECIPES.values()
    ]
    assert len({told(compiled(its)) for its in data}) == len(data)
