"""The counterfactual is the scenario without its shock, to the last bit."""

import copy

import numpy as np
from hypothesis import given, settings

from sim.model.compile import compile_plan
from sim.montecarlo.batch import Path, replicate
from sim.scenario.schema import Scenario
from tests.property.invariants import tables
from tests.strategies import Data, scenario_data, scenarios


def same_to_the_last_bit(one: Path, other: Path) -> None:
    for (name, mine), (_, theirs) in zip(tables(one.ledger), tables(other.ledger), strict=True):
        assert mine.tobytes() == theirs.tobytes(), name
    assert np.array_equal(one.ledger.qualified_day, other.ledger.qualified_day)
    assert one.schedule.unit_price.tobytes() == other.schedule.unit_price.tobytes()
    assert one.schedule.lane_price.tobytes() == other.schedule.lane_price.tobytes()


def without_shock(data: Data) -> Data:
    """The scenario with the interventions of the shock struck from the file, and what refers to them."""
    left = copy.deepcopy(data)
    entries = left["interventions"]
    gone = {name for name in entries if _is_shock(entries, name)}
    for name in gone:
        del entries[name]
    for name, entry in list(entries.items()):
        for field in ("lifts", "relieves"):
            if field in entry:
                entry[field] = [other for other in entry[field] if other not in gone]
                if not entry[field]:
                    entries.pop(name, None)
    gone = set(data["interventions"]) - set(entries)
    for name in [name for name, entry in entries.items() if entry.get("after") in gone]:
        entries.pop(name)
    for substitute in left["substitutes"].values():
        if substitute["trigger"].get("intervention") not in {None, *entries}:
            substitute["trigger"] = {"cover_below_days": 0}  # no stock is below nothing
    return left


def _is_shock(entries: Data, name: str) -> bool:
    entry = entries[name]
    return entry["shock"] or ("after" in entry and _is_shock(entries, entry["after"]))


@settings(max_examples=20)
@given(scenarios(shocks=False))
def test_without_shock_both_twins_are_equal(scenario):
    twins = replicate(compile_plan(scenario), seed=2, replication=3)
    same_to_the_last_bit(twins.scenario, twins.counterfactual)


def _has_dependents_that_end_nothing(data: Data) -> bool:
    """Whether striking the shock also strikes a regular intervention that comes after one struck."""
    entries = data["interventions"]
    left = without_shock(data)["interventions"]
    regular = [name for name in entries if not _is_shock(entries, name)]
    inert = {name for name in regular if name not in left and entries[name]["kind"] in ("lifting", "licence")}
    return all(name in left or name in inert for name in regular)


@settings(max_examples=40)
@given(scenario_data().filter(_has_dependents_that_end_nothing))
def test_the_counterfactual_is_the_file_without_the_shock(data):
    full = replicate(compile_plan(Scenario.model_validate(data)), seed=5, replication=1)
    struck = replicate(compile_plan(Scenario.model_validate(without_shock(data))), seed=5, replication=1)
    same_to_the_last_bit(full.counterfactual, struck.scenario)
