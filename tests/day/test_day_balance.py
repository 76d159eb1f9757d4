"""Orders that keep pace with a part elsewhere in the tree of a product, worked out by hand."""

import pytest

from sim.errors import ScenarioError
from tests.builders import compiled, merged, network, told


def tree(**changes):
    """Goods of a kit (2 days) and of 2 trims; a kit of 3 cores. Cores take 4 days, trims 1.

    A core that arrives is 2 days farther from the goods than a trim.
    """
    echelon = {"kind": "echelon_base_stock"}
    data = network(
        1,
        items={name: {"name": name, "unit": "pieces"} for name in ("core", "trim", "kit")},
        stock_points={
            "cores-source": {"firm": "supplier", "item": "core"},
            "trims-source": {"firm": "supplier", "item": "trim"},
            "cores": {
                "firm": "maker",
                "item": "core",
                "policy": echelon | {"units": 300.0},
                "initial_on_hand": 30.0,
            },
            "kits": {
                "firm": "maker",
                "item": "kit",
                "policy": echelon | {"units": 40.0},
                "initial_on_hand": 5.0,
            },
            "trims": {
                "firm": "maker",
                "item": "trim",
                "policy": echelon | {"units": 200.0, "balanced_with": "cores"},
                "initial_on_hand": 4.0,
            },
            "goods": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 6.0},
                "initial_on_hand": 6.0,
            },
        },
        recipes={
            "kitting": {
                "output": "kits",
                "inputs": {"cores": 3.0},
                "process_days": 2,
                "initial_work_in_process": [0.0, 7.0],
            },
            "assembly": {"output": "goods", "inputs": {"kits": 1.0, "trims": 2.0}},
        },
        lanes={
            "cores": {"supplier": "cores-source", "buyer": "cores", "lead_time_days": 4},
            "trims": {"supplier": "trims-source", "buyer": "trims", "lead_time_days": 1},
        },
        demand={
            "home": {
                "stock_point": "goods",
                "market": "home",
                "process": "listed",
                "observations": [1.0],
                "price": 1.0,
            }
        },
    )
    return merged(data, changes)


def trims_ordered(data):
    return told(data).point("trims", "ordered").tolist()


def balanced_with_kits(**kitting):
    data = tree(recipes={"kitting": kitting})
    data["stock_points"]["trims"]["policy"]["balanced_with"] = "kits"
    return data


@pytest.mark.parametrize(
    ("work", "ordered"),
    [
        pytest.param([0.0, 7.0], 20.0, id="2 x (5 + 7 + 6 - 1) - (4 + 2 x 5)"),
        pytest.param([7.0], 20.0, id="what is made today counts"),
        pytest.param([0.0, 0.0, 7.0], 6.0, id="but nothing that is made later than the order arrives"),
        pytest.param([0.0, 700.0], 186.0, id="never beyond its own level"),
    ],
)
def test_a_bought_part_keeps_pace_with_a_made_one(work, ordered):
    """What goods order is on order inside the echelons: 6 - 1 of goods, whatever waits."""
    assert trims_ordered(balanced_with_kits(initial_work_in_process=work)) == [ordered]


def test_who_is_too_far_away_to_keep_pace_with_is_refused():
    """Trims of tomorrow go with kits of tomorrow, for which it is too late to take cores."""
    with pytest.raises(ScenarioError, match="farther from the product than that of 'trims'"):
        compiled(tree())


@pytest.mark.parametrize(
    ("under_way", "ordered"),
    [
        pytest.param(
            [], 40.0, id="2 / 3 of 30 and of the 3 x (5 + 7 + 5) cores in kits and goods, less 4 + 2 x 5"
        ),
        pytest.param([0.0, 9.0], 46.0, id="a core of tomorrow is a kit by the third day"),
        pytest.param([0.0, 0.0, 9.0], 40.0, id="one of the day after is not"),
    ],
)
def test_the_way_from_where_a_part_arrives_counts(under_way, ordered):
    """Trims take 3 days, so that the cores of tomorrow are in kits by then."""
    lanes = {"trims": {"lead_time_days": 3}, "cores": {"initial_in_transit": under_way}}
    assert trims_ordered(tree(lanes=lanes)) == [pytest.approx(ordered)]
