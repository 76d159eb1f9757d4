"""Customers who switch, with numbers worked out by hand."""

import pytest

from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import merged, shop, told

SWITCHING = {"share": 0.5, "repurchase_days": 5}


def empty_from_day_2(switching=SWITCHING, days=6, **changes):
    """Twenty parts for 10 a day and no more to come; each unit lost stands for a tenth of a unit a day."""
    data = shop(
        days,
        stock_points={"shelf": {"initial_on_hand": 20.0}, "stall": {"firm": "supplier", "item": "part"}},
        lanes={"parts": {"capacity_per_day": 0.0}},
        demand={
            "home": {"patience_days": 0, "switching": switching},
            "rival": {"stock_point": "stall", "market": "home", "mean_per_day": 4.0}
            | {"process": "constant", "price": 2.0, "patience_days": 0},
        },
    )
    return merged(data, changes)


def demanded(data, stream="home"):
    return pytest.approx(told(data).stream(stream, "demand").tolist(), abs=1e-12)


def test_whoever_leaves_for_good_asks_no_more():
    assert demanded(empty_from_day_2()) == [10.0, 10.0, 10.0, 9.0, 8.1, 7.29]


def test_half_come_back_in_a_half_life():
    data = empty_from_day_2({**SWITCHING, "half_life_days": 1})
    assert demanded(data) == [10.0, 10.0, 10.0, 9.0, 8.6, 8.44]


def test_the_rival_gets_what_the_stream_loses():
    data = empty_from_day_2({**SWITCHING, "to": "rival"})
    assert demanded(data, "rival") == [4.0, 4.0, 4.0, 5.0, 5.9, 6.71]
    assert told(data).stream("rival", "shipped").sum() == pytest.approx(29.61)


def test_nobody_comes_back_from_a_rival_who_has_nothing_either():
    """Of 4 a day the rival's shelf has nothing: it loses all, its own customers and those who came."""
    both = {
        "home": {"switching": {**SWITCHING, "to": "rival"}},
        "rival": {"stock_point": "shelf", "switching": {**SWITCHING, "to": "home"}},
    }
    data = empty_from_day_2(
        days=4, stock_points={"shelf": {"initial_on_hand": 0.0}, "stall": None}, demand=both
    )
    del data["stock_points"]["stall"]
    # Away after day 0: 1 and 0.4; after day 1, with 9.4 and 4.6 lost: 1.94 and 0.86.
    assert demanded(data) == [10.0, 9.4, 8.92, 8.536]
    assert demanded(data, "rival") == [4.0, 4.6, 5.08, 5.464]


def test_no_more_switch_than_there_is_demand():
    """In the second quarter nobody asks: who has switched is not missed, and not sent to the rival."""
    changes = {"home": {"seasonality": [1.0, 0.0, 1.0, 1.0]}}
    data = empty_from_day_2({**SWITCHING, "to": "rival"}, days=92, demand=changes)
    assert told(data).stream("home", "demand")[90:].tolist() == [0.0, 0.0]
    assert told(data).stream("rival", "demand")[90:].tolist() == [4.0, 4.0]


def test_planned_usage_does_not_know_who_has_switched():
    assert set(told(empty_from_day_2()).path.schedule.usage[1].tolist()) == {10.0}


def found(**changes):
    scenario = Scenario.model_validate(empty_from_day_2(**changes))
    return [(".".join(finding.path), finding.message) for finding in inconsistencies(scenario)]


def test_who_waits_for_ever_does_not_switch():
    assert found(demand={"home": {"patience_days": float("inf")}}) == [
        ("demand.home.switching", "nobody leaves: patience_days is .inf, so nobody switches")
    ]


def test_nobody_switches_to_the_same_stream():
    assert found(switching={**SWITCHING, "to": "home"}) == [
        ("demand.home.switching.to", "found home itself, allowed: another stream")
    ]


def test_the_rival_counts_in_the_same_unit():
    other = {"item": "litre", "firm": "supplier"}
    changes = {"items": {"litre": {"name": "Litre", "unit": "litres"}}, "stock_points": {"stall": other}}
    assert found(switching={**SWITCHING, "to": "rival"}, **changes) == [
        (
            "demand.home.switching.to",
            "rival is counted in 'litres' but home in 'pieces', allowed: the same unit",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repurchase_days": 0.5}, "repurchase_days: found 0.5, allowed: 1 or more"),
        ({"half_life_days": 0}, "half_life_days must be above 0"),
        ({"share": 1.5}, "allowed: 0 to 1"),
    ],
)
def test_what_is_impossible_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Scenario.model_validate(empty_from_day_2({**SWITCHING, **changes}))
