"""Networks that stockpyl simulates, simulated here from the same demand: every state of every period agrees.

stockpyl 1.0.2 (Snyder 2023, INFORMS TutORials in Operations Research). Where the two differ on purpose,
the last tests show how, on the smallest network that does it.
"""

from itertools import chain, cycle

import numpy as np
import pytest

from tests.builders import told
from tests.verification.peers.stockpyl_networks import (
    NETWORK,
    PAUSES,
    NotConvertibleError,
    scenario_of,
    states_of,
    told_states,
)

pytest.importorskip("stockpyl")

from stockpyl.demand_source import DemandSource
from stockpyl.disruption_process import DisruptionProcess
from stockpyl.instances import load_instance
from stockpyl.policy import Policy
from stockpyl.sim import simulation
from stockpyl.supply_chain_network import (
    SupplyChainNetwork,
    network_from_edges,
    serial_system,
    single_stage_system,
)
from stockpyl.supply_chain_node import SupplyChainNode
from stockpyl.supply_chain_product import SupplyChainProduct

PERIODS = 150
ROUNDING = 1e-6
CHAPTER = "Other simulators: stockpyl"


def simulated(network, periods=PERIODS, seed=17):
    """Total cost that stockpyl finds; its states stay in the network."""
    return simulation(network, periods, rand_seed=seed, progress_bar=False, consistency_checks="E")


def both(network, periods=PERIODS, seed=17):
    """States of stockpyl and of this project."""
    simulated(network, periods, seed)
    return states_of(network, periods), told_states(network, told(scenario_of(network, periods)))


def assert_same(theirs, ours):
    assert theirs.keys() == ours.keys()
    for key, expected in theirs.items():
        np.testing.assert_allclose(ours[key], expected, rtol=1e-9, atol=1e-9, err_msg=str(key))


def total_cost(states):
    return sum(values.sum() for (whose, _), values in states.items() if whose == NETWORK)


def something_happens(states):
    """A comparison shows little if nobody ever waits, or nobody is ever served from stock."""
    waits = sum(values.sum() for (_, field), values in states.items() if field == "backorders")
    stock = sum(values.sum() for (_, field), values in states.items() if field == "on_hand")
    return waits > 0.0 and stock > 0.0


def listed(mean, seed=5):
    """Poisson demand, drawn once and given to both simulators as a list."""
    numbers = np.random.default_rng(seed).poisson(mean, PERIODS)
    return DemandSource(type="D", demand_list=numbers.tolist())


# --- networks --------------------------------------------------------------------------------------------


def single_stage(**policy):
    return single_stage_system(
        holding_cost=1.0, stockout_cost=5.0, shipment_lead_time=2, demand_source=listed(5), **policy
    )


def base_stock():
    return single_stage(policy_type="BS", base_stock_level=16)


def reorder_up_to():
    return single_stage(policy_type="sS", reorder_point=12, order_up_to_level=31)


def reorder_quantity():
    return single_stage(policy_type="rQ", reorder_point=12, order_quantity=8)


def started_with_goods_under_way():
    network = base_stock()
    network.nodes[0].initial_inventory_level = 3
    network.nodes[0].initial_shipments = 4
    return network


def with_an_order_capacity():
    network = base_stock()
    network.nodes[0].order_capacity = 6
    return network


def with_order_capacities(capacity):
    """Snyder & Shen, problem 6.16: a stage that is short of stock for its lead time feeds another."""
    network = load_instance("problem_6_16")
    network.nodes_by_index[1].demand_source = listed(20)
    for node in network.nodes:
        node.order_capacity = capacity
    return network


def orders_below_demand():
    return with_order_capacities(19)


def orders_hardly_above_demand():
    return with_order_capacities(21)


def orders_above_demand():
    return with_order_capacities(25)


def with_listed_demand(name, mean, **policies):
    """An instance of stockpyl's library with whole demands, and with policies in place of its own."""
    network = load_instance(name)
    for seed, node in enumerate(network.nodes):
        if node.has_external_customer:
            node.demand_source = listed(mean, seed)
    for index, policy in policies.get("policies", {}).items():
        node = network.nodes_by_index[index]
        node.inventory_policy = Policy(node=node, **policy)
    return network


def serial():
    """Snyder & Shen, example 6.1: three stages, local base stock."""
    return with_listed_demand("example_6_1", 5)


def serial_with_batches():
    """An (r, Q) supplier of a base-stock retailer, as in stockpyl's documentation."""
    return serial_system(
        num_nodes=2,
        node_order_in_system=[1, 2],
        demand_source=[None, listed(45)],
        policy_type=["rQ", "BS"],
        reorder_point=[10, None],
        order_quantity=[50, None],
        base_stock_level=[None, 50],
        shipment_lead_time=[1, 1],
        local_holding_cost=[1, 2],
        stockout_cost=[0, 10],
    )


def assembly_of_two():
    return with_listed_demand("assembly_3_stage", 5)


ROSLING_LEVELS = {1: 8, 2: 12, 3: 15, 4: 23, 5: 25, 6: 7, 7: 17}


def assembly_of_seven():
    """Rosling (1989), figure 1, with local instead of balanced echelon base stock."""
    policies = {index: {"type": "BS", "base_stock_level": level} for index, level in ROSLING_LEVELS.items()}
    network = with_listed_demand("rosling_figure_1", 5, policies=policies)
    for index in ROSLING_LEVELS:
        network.nodes_by_index[index].local_holding_cost = 8 - index
    network.nodes_by_index[1].stockout_cost = 100
    return network


def assembly_started_with_goods_under_way():
    network = assembly_of_two()
    for node in network.nodes:
        node.initial_inventory_level = 2
        node.initial_shipments = 3
    return network


DISTRIBUTION_LEVELS = {0: 34, 1: 20, 2: 22, 3: 17, 4: 18, 5: 15, 6: 20}


def distribution():
    """Rong, Atan & Snyder (2017), figure 1(a): a source, two warehouses, four shops."""
    policies = {
        index: {"type": "BS", "base_stock_level": level} for index, level in DISTRIBUTION_LEVELS.items()
    }
    return with_listed_demand("rong_atan_snyder_figure_1a", 8, policies=policies)


def mixed():
    """One source, two middle stages, one of them with customers, an assembly and a shop."""
    return network_from_edges(
        edges=[(0, 1), (0, 2), (1, 3), (2, 3), (2, 4)],
        node_order_in_lists=[0, 1, 2, 3, 4],
        local_holding_cost=[1, 2, 2, 5, 4],
        stockout_cost=[0, 10, 0, 20, 20],
        shipment_lead_time=[2, 1, 3, 1, 2],
        demand_source=[None, listed(3, 1), None, listed(4, 2), listed(5, 3)],
        policy_type="BS",
        base_stock_level=[36, 11, 34, 8, 15],
    )


def with_products(*, suppliers, edges, made_at, bills, lead_times, levels):
    """A network whose nodes handle several products, under base stock."""
    network = SupplyChainNetwork()
    for index in made_at:
        network.add_node(SupplyChainNode(index, supply_type="U" if index in suppliers else None))
    products = {index: SupplyChainProduct(index) for items in made_at.values() for index in items}
    for product, bill in bills.items():
        for material, units in bill.items():
            products[product].set_bill_of_materials(raw_material=material, num_needed=units)
    for edge in edges:
        network.add_edge(*edge)
    for index, items in made_at.items():
        node = network.nodes_by_index[index]
        node.add_products([products[item] for item in items])
        node.shipment_lead_time = lead_times[index]
        node.inventory_policy = {
            item: Policy(type="BS", base_stock_level=levels[index, item], node=node, product=products[item])
            for item in items
        }
    return network


def two_products_from_parts_of_their_own():
    """Each product has two parts of its own, and parts run short."""
    network = with_products(
        suppliers=(1, 2, 3, 4),
        edges=[(1, 5), (2, 5), (3, 5), (4, 5)],
        made_at={1: [10], 2: [20], 3: [30], 4: [40], 5: [50, 60]},
        bills={50: {10: 2, 20: 0.5}, 60: {30: 1, 40: 3}},
        lead_times={1: 2, 2: 5, 3: 1, 4: 4, 5: 1},
        levels={(1, 10): 22, (2, 20): 13, (3, 30): 9, (4, 40): 60, (5, 50): 9, (5, 60): 10},
    )
    nodes = network.nodes_by_index
    nodes[5].demand_source = {50: listed(4, 1), 60: listed(5, 2)}
    nodes[5].local_holding_cost = {50: 5, 60: 7}
    nodes[5].stockout_cost = {50: 50, 60: 70}
    for index in (1, 2, 3, 4):
        nodes[index].local_holding_cost = index
    return network


BILLS = {2: {5: 0.2}, 3: {5: 2}, 4: {6: 50}, 0: {2: 2.5, 3: 7}, 1: {3: 10, 4: 3.8}}
LEVELS = {
    (4, 5): 8000,
    (4, 6): 60000,
    (2, 2): 250,
    (2, 3): 1300,
    (2, 4): 400,
    (0, 0): 6,
    (1, 0): 5,
    (1, 1): 9,
}


def seven_products():
    """The network of stockpyl's tutorial on products, with stock for what two products share."""
    network = with_products(
        suppliers=(4,),
        edges=[(4, 2), (2, 0), (2, 1)],
        made_at={4: [5, 6], 2: [2, 3, 4], 0: [0], 1: [0, 1]},
        bills=BILLS,
        lead_times={4: 5, 2: 2, 0: 1, 1: 1},
        levels=LEVELS,
    )
    nodes = network.nodes_by_index
    nodes[0].demand_source = listed(5, 1)
    nodes[1].demand_source = {0: listed(4, 2), 1: listed(8, 3)}
    nodes[4].local_holding_cost = {5: 0.2, 6: 0.3}
    nodes[2].local_holding_cost = {2: 6, 3: 5, 4: 4}
    nodes[0].local_holding_cost = 10
    nodes[1].local_holding_cost = {0: 12, 1: 20}
    nodes[0].stockout_cost = 350
    return network


NETWORKS = {
    build.__name__: build
    for build in (
        base_stock,
        reorder_up_to,
        reorder_quantity,
        started_with_goods_under_way,
        with_an_order_capacity,
        orders_below_demand,
        orders_hardly_above_demand,
        orders_above_demand,
        serial,
        serial_with_batches,
        assembly_of_two,
        assembly_of_seven,
        assembly_started_with_goods_under_way,
        distribution,
        mixed,
        two_products_from_parts_of_their_own,
        seven_products,
    )
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_state_of_every_period_agrees(name, verify):
    theirs, ours = both(NETWORKS[name]())
    assert_same(theirs, ours)
    assert something_happens(theirs)
    verify(
        case=f"{name.replace('_', ' ')}: cost of {PERIODS} periods, in which all states agree",
        source="stockpyl 1.0.2",
        expected=total_cost(theirs),
        simulated=total_cost(ours),
        tolerance=ROUNDING,
    )


# --- disruptions -----------------------------------------------------------------------------------------


def outages(seed, share=0.25):
    """Runs of up and down, as a two-state Markov chain draws them."""
    rng = np.random.default_rng(seed)
    states, down = [], False
    for _ in range(PERIODS):
        down = bool(rng.random() < (0.6 if down else share / 2.0))
        states.append(down)
    return states


def disrupted(network, kind, *indices):
    for index in indices:
        network.nodes_by_index[index].disruption_process = DisruptionProcess(
            random_process_type="E", disruption_type=kind, disruption_state_list=outages(index)
        )
    return network


DISRUPTED = {
    "single_stage": (base_stock, (0,)),
    "serial": (serial, (1, 2)),
    "assembly_of_two": (assembly_of_two, (0,)),
    "assembly_of_seven": (assembly_of_seven, (1, 3, 4)),
    "distribution": (distribution, (1, 3)),
    "mixed": (mixed, (1, 3, 4)),
}


KINDS = (("SP", "RP"), ("OP", "TP"))
"""Kinds of disruption; in every test run each case has two of them, the next one the others."""


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        pytest.param(case, kind, marks=[] if kind in usual else pytest.mark.slow)
        for case, usual in zip(DISRUPTED, cycle(KINDS), strict=False)
        for kind in chain(*KINDS)
    ],
)
def test_disruptions_of_every_kind_agree(case, kind):
    build, indices = DISRUPTED[case]
    network = disrupted(build(), kind, *indices)
    if (case, kind) == ("single_stage", "SP"):
        simulated(network)
        with pytest.raises(NotConvertibleError, match="from outside"):
            scenario_of(network, PERIODS)
        return
    theirs, ours = both(network)
    assert_same(theirs, ours)
    assert something_happens(theirs)


def test_two_kinds_of_disruption_at_once_agree():
    network = disrupted(disrupted(disrupted(serial(), "SP", 1), "TP", 2), "RP", 3)
    assert_same(*both(network))


def test_goods_under_way_at_the_start_wait_at_a_closed_dock():
    network = started_with_goods_under_way()
    network.nodes[0].disruption_process = DisruptionProcess(
        random_process_type="E", disruption_type="RP", disruption_state_list=[True, True, True, False, False]
    )
    assert_same(*both(network))


OUTSIDE_KINDS = ("OP", "TP", "RP")
"""Shipments from outside cannot be paused in stockpyl."""


def disrupted_at_random(network, rng):
    """Stages that go down and come back as stockpyl draws it, each in a way of its own."""
    count = rng.integers(1, len(network.nodes) + 1)
    for position in rng.choice(len(network.nodes), count, replace=False):
        node = network.nodes[position]
        kinds = OUTSIDE_KINDS if node.has_external_supplier else PAUSES
        node.disruption_process = DisruptionProcess(
            random_process_type="M",
            disruption_type=str(rng.choice(list(kinds))),
            disruption_probability=rng.uniform(0.01, 0.15),
            recovery_probability=rng.uniform(0.1, 0.9),
        )
    return network


CAPPED = {"orders_below_demand", "orders_hardly_above_demand", "orders_above_demand"}
"""What is made up for after a disruption is limited by a lane's capacity, not by stockpyl's."""


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in {"seven_products", *CAPPED}])
def test_random_disruptions_of_random_stages_agree(name, root_seed):
    """Not where products share a part: see below."""
    rng = np.random.default_rng([root_seed, *name.encode()])
    for _ in range(2):
        network = disrupted_at_random(NETWORKS[name](), rng)
        assert_same(*both(network, 80, seed=int(rng.integers(1, 10_000))))


# --- published results -----------------------------------------------------------------------------------


def from_empty(name):
    network = load_instance(name)
    for node in network.nodes:
        node.initial_inventory_level = 0
    return network


def few_whole_demands():
    return single_stage_system(
        holding_cost=1,
        stockout_cost=10,
        shipment_lead_time=1,
        demand_source=DemandSource(type="CD", demand_list=[1, 2, 3, 4], probabilities=[0.25] * 4),
        policy_type="BS",
        base_stock_level=2,
    )


def newsvendor(lead_time, level):
    """Snyder & Shen, examples 4.1 and 4.4: orders precede demand there, which is a period of lead time."""
    return single_stage_system(
        holding_cost=0.18,
        stockout_cost=0.70,
        demand_type="N",
        mean=50,
        standard_deviation=8,
        policy_type="BS",
        base_stock_level=level,
        shipment_lead_time=lead_time + 1,
    )


def echelon_example_6_1():
    return serial_system(
        num_nodes=3,
        node_order_in_system=[3, 2, 1],
        local_holding_cost={1: 7, 2: 4, 3: 2},
        shipment_lead_time={1: 1, 2: 1, 3: 2},
        stockout_cost=37.12,
        demand_type="N",
        mean=5,
        standard_deviation=1,
        policy_type="EBS",
        base_stock_level=ECHELON_LEVELS,
    )


ECHELON_LEVELS = {1: 6.49, 2: 12.02, 3: 22.71}
LOCAL_LEVELS = {1: 6.49, 2: 5.53, 3: 10.69}
TESTS = "stockpyl, tests/test_sim.py"
TUTORIAL = "stockpyl, tutorial on simulation"
PUBLISHED = {
    "example 6.1 from empty": (lambda: from_empty("example_6_1"), 100, 17, 6620.352025, TESTS),
    "problem 6.1 from empty": (lambda: from_empty("problem_6_1"), 100, 531, 35794.476254, TESTS),
    "problem 6.2a from empty": (lambda: from_empty("problem_6_2a_adj"), 100, 1340, 38381.048422, TESTS),
    "problem 6.16": (lambda: load_instance("problem_6_16"), 100, 762, 52386.309175, TESTS),
    "example 4.1 from empty": (lambda: from_empty("example_4_1_network"), 100, 762, 255.2472033, TESTS),
    "whole demands of 1 to 4": (few_whole_demands, 100, 762, 825.0, TESTS),
    "assembly of 3 stages": (lambda: load_instance("assembly_3_stage"), 100, 17, 1884.0, TESTS),
    "example 4.1": (lambda: newsvendor(0, 57), 1000, 42, 1990.6261152138731, TUTORIAL),
    "example 4.4": (lambda: newsvendor(4, 264.8), 1000, 42, 4475.292852532866, TUTORIAL),
    "example 6.1, echelon base stock": (echelon_example_6_1, 1000, 42, 47259.837154163556, TUTORIAL),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_published_costs_of_stockpyl(case, verify):
    """stockpyl's own random demands, as its seed draws them; the total cost as its authors publish it."""
    build, periods, seed, published, source = PUBLISHED[case]
    theirs, ours = both(build(), periods, seed)
    assert_same(theirs, ours)
    verify(
        case=f"{case}: cost of {periods} periods with seed {seed}",
        source=source,
        expected=published,
        simulated=total_cost(ours),
        tolerance=1e-4,
    )


TABLES = {
    "OP": [6, 5, 4, -20, -42, -62, -79, -74, 4],
    "SP": [6, 5, 4, -20, -42, -62, -79, 5, 4],
    "TP": [6, 5, 4, -20, -42, -62, -79, 5, 4],
    "RP": [6, 5, -16, -40, -62, -82, 8, 5, 4],
}


@pytest.mark.parametrize("kind", TABLES)
def test_published_tables_of_stockpyl_on_disruptions(kind):
    """The tutorial's two stages: net stock of the retailer in periods 7 to 15, around an outage."""
    network = serial_system(
        num_nodes=2,
        node_order_in_system=[1, 2],
        shipment_lead_time=1,
        demand_type="P",
        mean=20,
        policy_type="BS",
        base_stock_level=[25, 25],
    )
    network.nodes_by_index[2].disruption_process = DisruptionProcess(
        random_process_type="M", disruption_type=kind, disruption_probability=0.1, recovery_probability=0.4
    )
    theirs, ours = both(network, 100, seed=42)
    assert_same(theirs, ours)
    net = ours["n2", "on_hand"] - ours["n2", "backorders"]
    np.testing.assert_array_equal(net[7:16], TABLES[kind])


# --- echelon base stock, and where the two differ --------------------------------------------------------


def by_echelon(network, levels, local=None):
    """The same network under echelon base stock, started with the local levels in stock."""
    for node in network.nodes:
        if node.index in levels:
            node.inventory_policy = Policy(type="EBS", base_stock_level=levels[node.index], node=node)
        if local:
            node.initial_inventory_level = local[node.index]
    return network


def serial_by_echelon():
    return by_echelon(serial(), ECHELON_LEVELS, LOCAL_LEVELS)


def distribution_by_echelon():
    local = DISTRIBUTION_LEVELS
    below = {1: (3, 4), 2: (5, 6), 0: (1, 2, 3, 4, 5, 6)}
    levels = {
        index: level + sum(local[other] for other in below.get(index, ())) for index, level in local.items()
    }
    return by_echelon(distribution(), levels, local)


@pytest.mark.parametrize("build", [serial_by_echelon, distribution_by_echelon])
def test_echelon_base_stock_agrees(build):
    theirs, ours = both(build())
    assert_same(theirs, ours)
    assert something_happens(theirs)


def test_echelon_base_stock_agrees_when_transit_is_paused():
    assert_same(*both(disrupted(serial_by_echelon(), "TP", 1)))


HELD = {"on_hand", "set_aside", "in_transit", "at_dock", "raw_material"}


def echelon_position(states, without=()):
    """Of a network's first stage, after its order: all units but those left out, less waiting customers."""
    units = [
        values for (name, field), values in states.items() if field in HELD and not name.startswith(without)
    ]
    return sum(units) - sum(values for (_, field), values in states.items() if field == "customers")


def assert_only_ours_keeps(level, theirs, ours, without=()):
    """Base stock means that the echelon position is the level after every order."""
    np.testing.assert_allclose(echelon_position(ours, without), level)
    assert np.abs(echelon_position(theirs, without) - level).max() > 1.0


@pytest.mark.parametrize("kind", ["OP", "SP", "RP"])
def test_only_here_echelon_orders_see_customers_and_all_stock_while_a_stage_is_disrupted(kind):
    """There, orders of the next stage stand for demand, and goods set aside or at a dock are forgotten."""
    theirs, ours = both(disrupted(serial_by_echelon(), kind, 1))
    assert_only_ours_keeps(ECHELON_LEVELS[3], theirs, ours)


def test_only_here_echelon_orders_see_customers_behind_a_stage_that_orders_in_batches():
    network = by_echelon(serial(), {2: 30, 3: 45}, {1: 20, 2: 10, 3: 15})
    retailer = network.nodes_by_index[1]
    retailer.inventory_policy = Policy(type="sS", reorder_point=8, order_up_to_level=25, node=retailer)
    assert_only_ours_keeps(45, *both(network))


def test_only_here_echelon_stock_includes_raw_material_that_waits_to_be_assembled():
    theirs, ours = both(by_echelon(assembly_of_two(), {0: 7, 1: 20, 2: 18}))
    assert_only_ours_keeps(20, theirs, ours, without=("n2", "n0 from n2"))


def test_only_here_echelon_position_counts_customers_who_wait_at_a_stage_with_successors():
    network = by_echelon(serial(), ECHELON_LEVELS | {2: 30, 3: 45}, {1: 6.49, 2: 23.51, 3: 15})
    network.nodes_by_index[2].demand_source = listed(4, 9)
    assert_only_ours_keeps(45, *both(network))


def a_shared_part_and_one_that_runs_short():
    """Product 30 of parts 10 and 20, product 40 of part 10; part 20 is short for good."""
    network = with_products(
        suppliers=(1, 2),
        edges=[(1, 3), (2, 3)],
        made_at={1: [10], 2: [20], 3: [30, 40]},
        bills={30: {10: 1, 20: 1}, 40: {10: 1}},
        lead_times={1: 1, 2: 4, 3: 1},
        levels={(1, 10): 1000, (2, 20): 12, (3, 30): 10, (3, 40): 10},
    )
    network.nodes_by_index[3].demand_source = {
        30: DemandSource(type="D", demand_list=[5]),
        40: DemandSource(type="D", demand_list=[5, 0]),
    }
    return network


def test_only_here_a_part_waits_for_the_product_it_was_ordered_for():
    """There, part 10 that waits for part 20 becomes product 40, of which more is made than was ordered."""
    theirs, ours = both(a_shared_part_and_one_that_runs_short())
    assert ours["n3-p40", "on_hand"].max() == 10.0
    assert theirs["n3-p40", "on_hand"].max() > 13.0


# --- what cannot be converted ----------------------------------------------------------------------------


def with_an_order_lead_time():
    network = base_stock()
    network.nodes[0].order_lead_time = 2
    return network


def of_balanced_echelon_base_stock():
    return load_instance("rosling_figure_1")


def of_fixed_quantities():
    return single_stage(policy_type="FQ", order_quantity=5)


def with_an_order_capacity_of_an_assembly():
    network = assembly_of_two()
    max(network.nodes, key=lambda node: len(node.predecessors())).order_capacity = 6
    return network


def with_a_cost_function():
    network = base_stock()
    network.nodes[0].stockout_cost_function = lambda level: max(-level, 0) ** 2
    return network


def of_random_demand():
    return load_instance("example_6_1")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (with_an_order_lead_time, "order lead time"),
        (of_balanced_echelon_base_stock, "allowed: BS, EBS, sS, rQ"),
        (of_fixed_quantities, "allowed: BS, EBS, sS, rQ"),
        (with_an_order_capacity_of_an_assembly, "makes what it sells"),
        (with_a_cost_function, "cost function"),
        (of_random_demand, "simulate 150 periods first"),
    ],
)
def test_what_a_scenario_cannot_say_is_refused(build, message):
    with pytest.raises(NotConvertibleError, match=message):
        scenario_of(build(), PERIODS)
