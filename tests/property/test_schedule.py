"""Daily conditions of random networks against brute force."""

from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.engines.draws import draw
from sim.model.compile import compile_plan
from sim.model.plan import Effect
from sim.model.schedule import draw_up
from tests import oracles
from tests.builders import ban, day, shop, told
from tests.strategies import scenarios

DAYS = 30
DAY = st.integers(0, DAYS - 1)
VOLUMES = st.sampled_from([0.0, 0.25, 0.5, 1.0])
LICENCES = st.lists(st.tuples(DAY, st.integers(1, 40), VOLUMES), max_size=2)
BANS = st.lists(st.tuples(DAY, st.integers(1, 40), LICENCES), min_size=1, max_size=4)


@settings(max_examples=100)
@example([(2, 20, [(3, 9, 0.5), (5, 2, 0.25)]), (4, 3, [])], 0.25, [(0, 9)])
@given(BANS, VOLUMES, st.lists(st.tuples(st.integers(0, 3), st.integers(0, DAYS - 1)), max_size=2))
def test_what_is_open_is_composed_of_bans_licences_and_liftings(bans, subsidiary_share, liftings):
    entries = {}
    rules = []
    for number, (first, length, licences) in enumerate(bans):
        name = f"ban-{number}"
        lifted = [max(when, first) for which, when in liftings if which == number]
        entries[name] = ban(first, duration_days=length)
        granted = []
        for index, (start, holds, volume) in enumerate(licences):
            entries[f"licence-{number}-{index}"] = {
                "kind": "licence",
                "title": "Licence",
                "date": day(start),
                "duration_days": holds,
                "relieves": [name],
                "volume_share": volume,
                "shock": True,
            }
            granted.append(oracles.Licence(start, start + holds, volume))
        for index, when in enumerate(lifted):
            entries[f"lifting-{number}-{index}"] = {
                "kind": "lifting",
                "title": "Lifting",
                "date": day(when),
                "lifts": [name],
            }
        end = min([first + length, *lifted])
        rules.append(oracles.Restriction(first, end, granted))
    lane = {"subsidiary_share": subsidiary_share}
    run = told(shop(DAYS, lanes={"parts": lane}, interventions=entries))
    expected = [oracles.open_share(today, subsidiary_share, rules) for today in range(DAYS)]
    assert run.open_share("parts").tolist() == expected


@settings(max_examples=30)
@given(scenarios())
def test_planned_usage_is_the_sum_over_all_paths_to_customers(scenario):
    plan = compiled_flat(scenario)
    schedule = draw_up(plan, draw(plan, 1, 0), with_shock=False)
    network = {
        "demand": {
            name: {"stock_point": stream.stock_point, "mean_per_day": plan.streams.mean_per_day[index]}
            for index, (name, stream) in enumerate(scenario.demand.items())
        },
        "lanes": {
            name: {
                "supplier": lane.supplier,
                "buyer": lane.buyer,
                "share": _weight(scenario, lane),
            }
            for name, lane in scenario.lanes.items()
        },
        "recipes": {
            name: {
                "output": recipe.output,
                "inputs": {source: units.mean for source, units in recipe.inputs.items()},
                "yield_share": recipe.yield_share.mean,
                "share": _part(scenario, recipe),
            }
            for name, recipe in scenario.recipes.items()
        },
    }
    expected = [oracles.planned_usage(name, network) for name in scenario.stock_points]
    np.testing.assert_allclose(schedule.usage[: len(expected), 0], expected, rtol=1e-12)


def compiled_flat(scenario):
    """The plan of a scenario whose demand has neither growth nor seasons."""
    plan = compile_plan(scenario)
    streams = replace(
        plan.streams,
        growth_per_year=np.zeros_like(plan.streams.growth_per_year),
        seasonality=np.ones_like(plan.streams.seasonality),
    )
    return replace(plan, streams=streams)


def _weight(scenario, lane) -> float:
    """Share of orders; of lanes in ranks only the first counts."""
    if scenario.stock_points[lane.buyer].sourcing == "share":
        return lane.share.mean
    rivals = [other for other in scenario.lanes.values() if other.buyer == lane.buyer]
    return float(lane is min(rivals, key=lambda other: other.rank))


def _part(scenario, recipe) -> float:
    """Share of what several recipes make; none of one that must be qualified, by rank all of the first."""
    rivals = [other for other in scenario.recipes.values() if other.output == recipe.output]
    if len(rivals) == 1:
        return 1.0
    if recipe.trigger is not None:
        return 0.0
    if scenario.stock_points[recipe.output].sourcing == "share":
        return recipe.share.mean
    ready = [other for other in rivals if other.trigger is None]
    return float(recipe is min(ready, key=lambda other: other.rank))


@settings(max_examples=30)
@given(scenarios())
def test_daily_conditions_are_possible(scenario):
    plan = compile_plan(scenario)
    draws = draw(plan, 1, 0)
    schedule = draw_up(plan, draws, with_shock=True)
    assert np.all((schedule.open_share >= 0.0) & (schedule.open_share <= 1.0))
    assert np.all((schedule.turned_back >= 0.0) & (schedule.turned_back <= 1.0))
    for table in (schedule.demand, schedule.unit_price, schedule.usage, schedule.capacity, schedule.up_to):
        assert np.all(table >= 0.0)
    assert np.all(schedule.receipt_days >= 0)
    closable = plan.effects.target[plan.effects.kind == Effect.RESTRICTS_LANE]
    assert set(schedule.restricted_lanes.tolist()) <= set(closable.tolist())
