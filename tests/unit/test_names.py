"""Names in words: what has one is never told by its id, and what shares one is told apart."""

import yaml

import sim
from sim.report.context import make_context
from sim.report.headline import answer
from sim.report.input_names import input_name
from sim.report.names import Names
from sim.report.numbers import Money
from tests.builders import ban, merged, read, shop


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


def test_a_name_inside_a_sentence_has_a_small_article(tmp_path):
    data = shop(
        60,
        firms={"maker": {"name": "The car industry"}},
        interventions={"ban": ban(5)},
        analysis={"window_days": 30},
    )
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(data))
    (text,) = answer(make_context(sim.run(file, replications=2, workers=1)._findings))
    assert "costs the car industry" in text


def test_amounts_that_differ_read_differently():
    won = Money("KRW trillion")
    assert won.apart(24.21, 24.38) == ("KRW 24.2 trillion", "KRW 24.4 trillion")
    assert won.apart(24.0, 24.0) == ("KRW 24 trillion", "KRW 24 trillion")


def test_the_names_of_all_lanes_take_a_few_looks_at_each(monkeypatch):
    ways = {f"way-{number}": {**shop()["lanes"]["parts"]} for number in range(40)}
    scenario, looks, way = read(shop(lanes=ways)), [], Names.way

    def counted(names, key, end):
        looks.append(key)
        return way(names, key, end)

    monkeypatch.setattr(Names, "way", counted)
    names = Names(scenario)
    assert [names.lane(key) for key in ways] == [f"Supplier → Maker: Part ({key})" for key in ways]
    assert len(looks) <= 5 * len(scenario.lanes)
