"""Makers that a rule chooses: those that sell most to markets."""

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load_scenario
from sim.scenario.makers import makers_of

FILE = """chokepoint: 1
name: bakers
title: Bakers
currency: EUR
calendar: {days: 60}
analysis: {makers: MAKERS}
firms: {a: {name: A, country: DE}, b: {name: B, country: DE}, c: {name: C, country: DE}, d: {name: D, country: DE}}
items: {bread: {name: Bread, unit: loaf, kind: product}}
markets: {town: {name: Town, country: DE}}
stock_points: {a: {firm: a, item: bread}, b: {firm: b, item: bread}, c: {firm: c, item: bread}, d: {firm: d, item: bread}}
demand:
  a: {stock_point: a, market: town, mean_per_day: 10, price: 3}
  b: {stock_point: b, market: town, mean_per_day: 100, price: {dist: uniform, low: 0.5, high: 0.7}}
  c: {stock_point: c, market: town, mean_per_day: 5, price: 5}
  c-too: {stock_point: c, market: town, mean_per_day: 5, price: 5}
  d: {like: a, stock_point: d}
"""  # noqa: E501 - a file is as wide as it is


def chosen(tmp_path, makers, *overrides):
    (tmp_path / "bakers.yaml").write_text(FILE.replace("MAKERS", makers))
    return makers_of(load_scenario(tmp_path / "bakers.yaml", overrides))


@pytest.mark.parametrize(
    ("makers", "expected"),
    [
        ("{top: 1}", ("b",)),
        ("{top: 3, by: revenue}", ("b", "c", "a")),
        ("{top: 9}", ("b", "c", "a", "d")),
        ("[d]", ("d",)),
    ],
)
def test_those_that_sell_most_are_chosen(tmp_path, makers, expected):
    assert chosen(tmp_path, makers) == expected


def test_settings_move_who_is_chosen(tmp_path):
    assert chosen(tmp_path, "{top: 2}", "demand.d.price=50", "demand.b.mean_per_day=1") == ("d", "c")


def test_a_group_sells_what_its_members_sell(tmp_path):
    groups = "{top: 1}, groups: {twins: {name: Twins, firms: [a, d]}, other: {name: O, firms: [b]}}"
    assert chosen(tmp_path, groups) == ("twins",)


@pytest.mark.parametrize(
    ("makers", "told"),
    [
        ("{tp: 3}", "bakers.yaml:6:21: analysis.makers: found 'tp'; did you mean 'top'? allowed: a list of"),
        ("{top: 0}", "bakers.yaml:6:26: analysis.makers.top: found 0, allowed: a whole number, 1 or more"),
        ("{by: revenue}", "analysis.makers.top: missing, allowed: a whole number"),
        ("{top: 3, by: size}", "analysis.makers.by: found 'size', allowed: revenue"),
    ],
)
def test_what_is_no_rule_is_refused(tmp_path, makers, told):
    with pytest.raises(ScenarioError) as caught:
        chosen(tmp_path, makers)
    assert told in str(caught.value)


def test_a_rule_needs_somebody_who_sells(tmp_path):
    with pytest.raises(ScenarioError, match="nobody sells to a market"):
        chosen(
            tmp_path,
            "{top: 3}",
            *(f"demand.{name}=null" for name in ("a", "b", "c", "c-too", "d")),
        )
