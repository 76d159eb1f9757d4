"""The engine against an independent day loop over plain dicts, for one maker and fixed numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracles
from tests.builders import Data, ban, day, network, told

DAYS = 40
PARTS = st.builds(
    oracles.Part,
    units=st.sampled_from([1.0, 2.0, 0.5, 0.3]),
    target=st.sampled_from([0.0, 20.0, 100.0]) | st.floats(0.0, 300.0, allow_subnormal=False),
    lead_time=st.integers(0, 9),
)
DEMANDS = st.sampled_from([[10.0], [0.0, 25.0], [3.0, 0.0, 40.0, 1.5]])


@st.composite
def makers(draw) -> oracles.Maker:
    pattern = draw(DEMANDS)
    return oracles.Maker(
        days=DAYS,
        parts=draw(st.lists(PARTS, min_size=1, max_size=3)),
        demand=[pattern[0]] * DAYS,
        target=draw(st.sampled_from([0.0, 15.0, 80.0])),
        process_days=draw(st.integers(0, 4)),
        capacity=draw(st.sampled_from([float("inf"), 9.0, 14.5])),
        yield_share=draw(st.sampled_from([1.0, 0.8])),
        patience_days=draw(st.sampled_from([0.0, 1.0, 5.0, float("inf")])),
        ban_day=draw(st.integers(1, DAYS)),
        turned_back=draw(st.booleans()),
    )


def scenario_of(maker: oracles.Maker) -> Data:
    parts = {f"part-{index}": part for index, part in enumerate(maker.parts)}
    item = {"name": "Part", "unit": "pieces"}
    stock = {"firm": "maker", "policy": {"kind": "base_stock", "units": maker.target}}
    data = network(
        maker.days,
        items=dict.fromkeys(parts, item),
        stock_points={
            **{f"source-{name}": {"firm": "supplier", "item": name} for name in parts},
            **{
                name: {
                    "firm": "maker",
                    "item": name,
                    "policy": {"kind": "base_stock", "units": part.target},
                }
                for name, part in parts.items()
            },
            "goods": stock | {"item": "product"},
        },
        recipes={
            "assembly": {
                "output": "goods",
                "inputs": {name: part.units for name, part in parts.items()},
                "process_days": maker.process_days,
                "capacity_per_day": maker.capacity,
                "yield_share": maker.yield_share,
            }
        },
        lanes={
            name: {"supplier": f"source-{name}", "buyer": name, "lead_time_days": part.lead_time}
            for name, part in parts.items()
        },
        demand={
            "home": {
                "stock_point": "goods",
                "market": "home",
                "mean_per_day": maker.demand[0],
                "process": "constant",
                "price": 1.0,
                "patience_days": maker.patience_days,
            }
        },
    )
    if maker.ban_day < maker.days:
        way = "turned_back" if maker.turned_back else "delivered"
        data["interventions"] = {"ban": ban(maker.ban_day, covers={"items": ["part-0"]}, in_transit=way)}
    return data


@settings(max_examples=80)
@given(makers())
def test_sales_are_those_of_the_day_loop(maker):
    run = told(scenario_of(maker))
    found = np.stack([run.stream("home", field) for field in ("shipped", "lost", "backlog")], axis=1)
    expected = np.array(oracles.sales_of(maker))
    scale = 1.0 + sum(maker.demand)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-11 * scale), f"from {day(0)}"
