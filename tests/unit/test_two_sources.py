"""Which lanes a policy of two sources may name."""

import pytest

from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import shop

CORNER = {"corner": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock"}}}
SEA = {"sea": {"supplier": "source", "buyer": "shelf"}}


def messages(regular, expedited, levels=None, **changes):
    data = shop(20, **changes)
    data["stock_points"]["shelf"]["policy"] = {
        "kind": "dual_index",
        "regular": regular,
        "expedited": expedited,
    } | (levels or {"units": 9.0})
    return [finding.message for finding in inconsistencies(Scenario.model_validate(data))]


def air(days):
    return {"air": {"supplier": "source", "buyer": "shelf", "lead_time_days": days}}


@pytest.mark.parametrize("days", [0, 3, {"dist": "uniform", "low": 0.0, "high": 6.0}])
def test_the_expedited_lane_takes_no_longer_on_average(days):
    assert messages("parts", "air", lanes=air(days)) == []


def test_an_expedited_lane_that_is_slower_is_refused():
    (message,) = messages("parts", "air", lanes=air(4))
    assert message == (
        "air takes 4 days and the regular lane parts 3, allowed: an expedited lane that takes no longer"
    )


@pytest.mark.parametrize(
    ("regular", "expedited", "changes"),
    [
        ("parts", "parts", {"lanes": air(1)}),
        ("parts", "parts", {}),
        ("parts", "air", {"lanes": air(1) | SEA}),
        (
            "parts",
            "sea",
            {"lanes": air(1) | {"sea": SEA["sea"] | {"buyer": "corner"}}, "stock_points": CORNER},
        ),
    ],
    ids=["one twice", "an only lane", "a third lane", "a lane to elsewhere"],
)
def test_other_lanes_than_the_two_that_lead_there_are_refused(regular, expedited, changes):
    (message,) = messages(regular, expedited, **changes)
    assert message.startswith(f"found the lanes {regular} and {expedited}; to shelf lead: parts")


@pytest.mark.parametrize(
    "levels",
    [
        {"units": 5.0, "expedited_units": 6.0},
        {"cover_days": 5.0, "expedited_cover_days": 6.0},
        {"units": 5.0, "expedited_units": {"dist": "uniform", "low": 6.0, "high": 7.0}},
    ],
)
def test_an_expedited_level_above_the_whole_is_refused(levels):
    (message,) = messages("parts", "air", levels, lanes=air(1))
    assert message == "the expedited level is above that of the whole position, allowed: up to it"


def test_expedited_cover_is_bounded_as_all_cover():
    levels = {"cover_days": 1.0, "units": 1.0, "expedited_cover_days": 36526.0}
    (message,) = messages("parts", "air", levels, lanes=air(1))
    assert message == "found up to 36526 days, allowed: up to 36525; truncate it with max"
