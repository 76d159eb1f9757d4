"""What a file may say about order lead times."""

from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import Data, merged
from tests.day.test_day_ordering import assembly_of_two_parts


def problems(**lanes: Data) -> list[str]:
    data = merged(assembly_of_two_parts([], balanced_with="long"), {"lanes": lanes})
    return [
        f"{'.'.join(finding.path)}: {finding.message}"
        for finding in inconsistencies(Scenario.model_validate(data))
    ]


def test_balanced_orders_and_those_they_keep_pace_with_are_known_at_once():
    for name in ("short", "long"):
        (problem,) = problems(**{name: {"order_lead_time_days": 3}})
        found = f"lanes.{name}.order_lead_time_days: found up to 3 days, allowed: 0 on lanes to {name}, "
        assert problem == found + "whose orders are balanced with those of another input"


def test_no_order_is_under_way_for_longer_than_any_calendar():
    (problem,) = problems(short={"order_lead_time_days": 40_000})
    assert problem.endswith("found up to 40000 days, allowed: up to 36525; truncate it with max")
