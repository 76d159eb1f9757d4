"""Facts of a plan that no day changes, against brute force."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.loading import Values
from sim.model.compile import compile_plan
from sim.model.facts import facts_of, list_values, normal_shares, unit_values
from sim.model.occurrence import dates_of, reaching
from sim.model.plan import Effect, PolicyKind, Supply
from sim.scenario.schema import Scenario
from tests import oracles
from tests.builders import ban, day, shop
from tests.strategies import scenarios

DAYS = 30
COMES = st.tuples(
    st.integers(-5, DAYS + 5),  # its own day, unless it follows another
    st.none() | st.integers(0, 4),  # which one it follows
    st.integers(0, 8),  # delay
    st.sampled_from([1.0, 1.0, 1.0, 0.0]),  # probability
    st.sampled_from(["for ever", "duration", "end"]),
    st.integers(0, DAYS),  # how long, or until when
    st.booleans(),  # part of the shock
)
ENTRIES = st.lists(COMES, min_size=1, max_size=5)
LIFTINGS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, DAYS)), max_size=2)


@settings(max_examples=200)
@given(ENTRIES, LIFTINGS)
def test_interventions_hold_on_the_days_that_their_dates_and_others_say(entries, liftings):
    data, orders = interventions_of(entries, liftings)
    plan = compile_plan(
        Scenario.model_validate(shop(5 * DAYS, interventions=data, analysis={"shock": "anchor"}))
    )
    shock = plan.interventions.shock.tolist()
    for with_shock in (True, False):
        occurring = [
            oracles.Order(**{**order, "happens": order["happens"] and (with_shock or not shock[which])})
            for which, order in enumerate(orders)
        ]
        expected = oracles.dates(occurring, DAYS)
        for start, end in dates_alone_and_in_a_block(plan, with_shock):
            assert [
                [today for today in range(DAYS) if a <= today < b] for a, b in zip(start, end, strict=True)
            ] == (expected)


def interventions_of(entries, liftings):
    """The same interventions for a scenario and for the oracle."""
    data, orders = {}, []
    for which, (own, after, delay, probability, ends, length, shock) in enumerate(entries):
        follows = after if after is not None and after < which else None
        entry = {"kind": "demand_shift", "title": "Shift", "covers": {}, "factor": 2.0, "shock": shock}
        entry |= {"date": day(own)} if follows is None else {"after": f"event-{follows}"}
        entry |= {"delay_days": delay, "probability": probability}
        entry |= {"for ever": {}, "duration": {"duration_days": length}, "end": {"end": day(length)}}[ends]
        data[f"event-{which}"] = entry
        order = {"day": own if follows is None else None, "after": follows, "delay": delay}
        order |= {"happens": probability == 1.0, "lifted_by": []}
        order["duration"] = length if ends == "duration" else 10**9
        order["end"] = length if ends == "end" else 10**9
        orders.append(order)
    for_ever = {"delay": 0, "duration": 10**9, "end": 10**9, "happens": True, "lifted_by": []}
    for number, (lifted, when) in enumerate(liftings):
        target = lifted % len(entries)
        lifting = {"kind": "lifting", "title": "Lifting", "date": day(when), "lifts": [f"event-{target}"]}
        data[f"lifting-{number}"] = lifting
        orders[target]["lifted_by"].append(len(orders))
        orders.append({"day": when, "after": None} | for_ever)
    anchor = {"kind": "demand_shift", "title": "Shock", "covers": {}, "factor": 1.0, "shock": True}
    data["anchor"] = anchor | {"date": day(0)}
    orders.append({"day": 0, "after": None} | for_ever)
    return data, orders


def dates_alone_and_in_a_block(plan, with_shock):
    chance = np.array([0.5] * len(plan.interventions.day))
    start, end = dates_of(plan, plan.numbers, chance, with_shock=with_shock)
    yield start.tolist(), end.tolist()
    block = Values(plan, np.empty((2, 0)))
    start, end = dates_of(plan, block, np.repeat(chance[:, None], 2, axis=1), with_shock=with_shock)
    for column in range(2):
        yield start[:, column].tolist(), end[:, column].tolist()


@settings(max_examples=60)
@given(scenarios())
def test_planned_purchases_are_shared_as_by_fractions(scenario):
    plan = compile_plan(scenario)
    lanes, points = plan.lanes, plan.labels.points
    told = [
        (points[buyer], share, rank, is_substitute)
        for buyer, share, rank, is_substitute in zip(
            lanes.buyer, lanes.share, lanes.rank, lanes.is_substitute, strict=True
        )
    ]
    ranked = {name for name, point in scenario.stock_points.items() if point.sourcing == "rank"}
    expected = pytest.approx(oracles.purchase_shares(told, ranked), rel=1e-12)
    assert normal_shares(plan, plan.numbers).tolist() == expected
    alone = plan.with_inputs(sampled(plan))
    block = normal_shares(plan, Values(plan, np.tile(sampled(plan), (2, 1))))
    for column in range(2):
        assert block[:, column].tolist() == normal_shares(alone, alone.numbers).tolist()


def sampled(plan):
    """One sample of the uncertain inputs: their medians."""
    return np.array([float(item.quantity.quantile(np.array(0.5))) for item in plan.inputs])


@settings(max_examples=60)
@given(scenarios())
def test_who_competes_and_whose_echelon_counts(scenario):
    plan = compile_plan(scenario)
    turn = {point: place for place, point in enumerate(plan.order.tolist())}
    edges = list(zip(plan.edges.point.tolist(), plan.edges.made.tolist(), strict=True))
    ranked = {name for name, point in scenario.stock_points.items() if point.sourcing == "rank"}
    recipes = {
        name: [
            f"{name} by {key}"
            for key, recipe in sorted(scenario.recipes.items(), key=lambda entry: entry[1].rank)
            if recipe.output == name
        ]
        for name in ranked
    }
    names = plan.labels.points
    others = [
        [names.index(other) for other in its if other != name]
        for name in names
        for its in [next((its for its in recipes.values() if name in its), [])]
    ]
    rivals = [
        [
            other
            for other, (same, its_made) in enumerate(edges)
            if same == point and other != which
            if turn[its_made] > turn[made] and its_made not in others[made]
        ]
        for which, (point, made) in enumerate(edges)
    ]
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(turn)
    graph.add_edges_from(zip(plan.lanes.supplier.tolist(), plan.lanes.buyer.tolist(), strict=True))
    asking = set(np.flatnonzero(plan.points.policy == PolicyKind.ECHELON_BASE_STOCK).tolist())
    asking |= set(plan.points.balanced_with.tolist()) - {-1}
    counted = asking.union(*(nx.descendants(graph, point) for point in asking))
    facts = facts_of(plan)
    assert facts.stands_in_for == others
    assert [sorted(its) for its in facts.rivals] == rivals
    assert set(np.flatnonzero(facts.has_echelon).tolist()) == counted


@settings(max_examples=60)
@given(scenarios())
def test_whom_rules_and_licences_reach_is_decided_supplier_by_supplier(scenario):
    plan = compile_plan(scenario)
    table, effects = plan.interventions, plan.effects
    chance, abroad = np.random.default_rng(1).random((2, len(table.day), len(plan.labels.firms)))
    expected = []
    for row in range(len(effects.kind)):
        which, lane = effects.intervention[row], effects.target[row]
        if effects.kind[row] == Effect.RELIEVES_LANE:
            expected.append(chance[which, supplier_of(plan, lane)] < table.grant_probability[which])
        elif effects.kind[row] == Effect.RELIEVES_STREAM:
            seller = plan.points.firm[plan.streams.point[lane]]
            expected.append(chance[which, seller] < table.grant_probability[which])
        elif effects.kind[row] == Effect.RESTRICTS_LANE:
            content = plan.lanes.controlled_content_share[lane]
            is_covered = effects.ignores_content[row] or content >= table.de_minimis_share[which]
            tried, tried_abroad = (each[which, supplier_of(plan, lane)] for each in (chance, abroad))
            if effects.by_itself[row]:
                expected.append(tried < table.halt_probability[which])
            elif effects.abroad[row]:
                expected.append(tried_abroad < table.foreign_over_compliance_probability[which])
            else:
                over_complies = tried < table.over_compliance_probability[which]
                expected.append((is_covered and not effects.just_outside[row]) or over_complies)
        elif effects.kind[row] == Effect.BARS_STREAM:
            content = plan.streams.controlled_content_share[lane]
            expected.append(effects.ignores_content[row] or content >= table.de_minimis_share[which])
        else:
            expected.append(True)
    assert reaching(plan, plan.numbers, chance, abroad).tolist() == expected
    blocks = [np.repeat(each[:, :, None], 2, axis=2) for each in (chance, abroad)]
    values = Values(plan, np.tile(sampled(plan), (2, 1)))
    alone = plan.with_inputs(sampled(plan))
    found = reaching(plan, values, *blocks)
    for column in range(2):
        assert found[:, column].tolist() == reaching(alone, alone.numbers, chance, abroad).tolist()


def supplier_of(plan, lane):
    """The firm that supplies on a lane."""
    return plan.points.firm[plan.lanes.supplier[lane]]


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_licence_relieves_whom_it_is_granted(probability, chance):
    licence = {"kind": "licence", "title": "Licence", "date": day(5), "covers": {}, "relieves": ["ban"]}
    entries = {"ban": ban(5), "licence": {**licence, "grant_probability": probability}}
    plan = compile_plan(Scenario.model_validate(shop(DAYS, interventions=entries)))
    (row,) = np.flatnonzero(plan.effects.kind == Effect.RELIEVES_LANE)
    reaches = reaching(plan, plan.numbers, *np.full((2, 2, len(plan.labels.firms)), chance))
    assert reaches[row] == (chance < probability)


def test_a_licence_to_serve_listed_buyers_is_granted_to_who_sells_to_them():
    listed = {"kind": "end_user_ban", "title": "Listed", "date": day(5), "covers": {}}
    licence = {"kind": "licence", "title": "Licence", "date": day(5), "relieves": ["listed"]}
    entries = {"listed": listed, "licence": {**licence, "grant_probability": 0.5}}
    plan = compile_plan(Scenario.model_validate(shop(DAYS, interventions=entries)))
    (row,) = np.flatnonzero(plan.effects.kind == Effect.RELIEVES_STREAM)
    for luckiest, granted in (("supplier", False), ("maker", True)):
        chance = np.full((2, len(plan.labels.firms)), 0.9)
        chance[:, plan.labels.firms.index(luckiest)] = 0.1
        assert reaching(plan, plan.numbers, chance, chance)[row] == granted


@settings(max_examples=50)
@given(scenarios())
def test_a_unit_is_worth_what_goes_into_it(scenario):
    plan = compile_plan(scenario)
    read, lanes, edges = plan.numbers, plan.lanes, plan.edges
    shares, paid = normal_shares(plan, read), list_values(read)
    stated, each_original = read("points", "unit_cost"), read("lanes", "units_per_original")

    def worth(point: int) -> float:
        if np.isfinite(stated[point]):
            return float(stated[point])
        if plan.points.supply[point] == Supply.MADE:
            its = np.flatnonzero(edges.made == point).tolist()
            used = sum(edges.units[edge] * worth(edges.point[edge]) for edge in its)
            return float(used / plan.points.yield_share[point] + plan.points.conversion_cost[point])
        return sum(shares[lane] * of_a_lane(lane) for lane in np.flatnonzero(lanes.buyer == point).tolist())

    def of_a_lane(lane: int) -> float:
        within = plan.is_within_maker[lane]
        return worth(lanes.supplier[lane]) * each_original[lane] if within else paid[lane]

    expected = [worth(point) for point in range(len(stated))]
    np.testing.assert_allclose(unit_values(plan, read), expected, rtol=1e-12)
