"""Names in words: what has one is never told by its id, and what shares one is told apart."""

from sim.report.input_names import input_name
from sim.report.names import Names
from tests.builders import merged, read, shop


def two_plants(**changes):
    """A maker with two plants that hold the same item."""
    second = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 50.0}}
    lane = {"supplier": "source", "buyer": "second", "lead_time_days": 3, "price": 1.0}
    data = shop(stock_points={"second": second}, lanes={"inland": lane})
    return merged(data, changes)


def test_plants_of_one_item_are_told_apart():
    names = Names(read(two_plants()))
    assert [names.stock_point(key) for key in ("shelf", "second", "source")] == [
        "Part at Maker (shelf)",
        "Part at Maker (second)",
        "Part at Supplier",
    ]
    abroad = read(two_plants(stock_points={"second": {"country": "JP"}, "shelf": {"country": "XA"}}))
    assert [Names(abroad).stock_point(key) for key in ("shelf", "second")] == [
        "Part at Maker (XA)",
        "Part at Maker (Japan)",
    ]


def test_inputs_of_two_plants_and_two_lanes_are_told_apart():
    lane = {"supplier": "source", "buyer": "shelf", "lead_time_days": 9, "price": 1.0}
    scenario = read(two_plants(lanes={"by-sea": lane}))
    names = Names(scenario)
    paths = ("lanes.parts.price", "lanes.by-sea.price", "stock_points.shelf.policy.units")
    assert [input_name(scenario, names, path).subject for path in paths] == [
        "Part, Supplier to Maker (parts)",
        "Part, Supplier to Maker (by-sea)",
        "Part, Maker (shelf)",
    ]


def test_countries_have_names_and_invented_ones_codes():
    names = Names(read(shop()))
    assert [names.country(code) for code in ("JP", "XA")] == ["Japan", "XA"]
