"""Networks that SupplyNetPy simulates event by event, simulated here day by day: every day agrees.

SupplyNetPy 0.5.1 (on SimPy) has no days. A day is made of it by moments: goods arrive a quarter past, the
customers of the day come at half past, sites order as soon as they do, and the day is read before its end.
A lead time of L days is a quarter of a day less there, so that goods arrive before the customers.
"""

import numpy as np
import pytest

from tests.builders import network, told

scm = pytest.importorskip("SupplyNetPy.Components")
simpy = pytest.importorskip("simpy")

DAYS = 200
CUSTOMERS_COME = 0.5
EARLY = 0.25
END_OF_DAY = 0.9
DEMAND = np.random.default_rng(8).integers(1, 10, DAYS).astype(float)

CHAPTER = "Other simulators: SupplyNetPy"


class Site:
    """A site of SupplyNetPy, and what it held, owed, ordered and lost day by day."""

    def __init__(self, env, name, supplier, *, lead_time, policy, initial, **parameters):
        self.node = scm.InventoryNode(
            env=env,
            ID=name,
            name=name,
            node_type="warehouse",
            capacity=1e9,
            initial_level=initial,
            inventory_holding_cost=0.0,
            replenishment_policy=policy,
            policy_param=parameters,
            product_sell_price=1.0,
            product_buy_price=1.0,
            logging=False,
        )
        scm.Link(
            env=env, ID=f"to-{name}", source=supplier, sink=self.node, cost=0.0, lead_time=lead_time - EARLY
        )
        self.read: dict[str, list[float]] = {"on_hand": [], "backorders": [], "ordered": [], "lost": []}
        env.process(self._reader(env))

    def _reader(self, env):
        while True:
            yield env.timeout(END_OF_DAY if env.now == 0 else 1.0)
            stats = self.node.stats
            self.read["on_hand"].append(self.node.inventory.level)
            self.read["backorders"].append(stats.backorder[1])
            self.read["ordered"].append(stats.demand_placed[1])
            self.read["lost"].append(stats.lost_sales[1])

    def days(self, field):
        values = np.array(self.read[field], dtype=float)
        return np.diff(values, prepend=0.0) if field in {"ordered", "lost"} else values


def customers(env, site, **patience):
    """One customer a day, with all of the day's demand."""

    def day():
        return min(int(env.now), DAYS - 1)

    def until_the_next():
        return 1.0

    def begin():
        yield env.timeout(CUSTOMERS_COME)
        scm.Demand(
            env=env,
            ID="customers",
            name="customers",
            order_arrival_model=until_the_next,
            order_quantity_model=lambda: DEMAND[day()],
            demand_node=site.node,
            logging=False,
            **patience,
        )

    env.process(begin())


WAIT = {"tolerance": float("inf"), "order_min_split_ratio": 1e-9}
LEAVE = {"consume_available": True}


def unlimited(env):
    return scm.Supplier(env=env, ID="source", name="source", node_type="infinite_supplier", logging=False)


def theirs(build):
    """Sites as SupplyNetPy leaves them after all days."""
    env = simpy.Environment()
    sites = build(env)
    env.run(until=DAYS)
    return sites


def listed(point, patience):
    return {
        "home": {
            "stock_point": point,
            "market": "home",
            "process": "listed",
            "observations": DEMAND.tolist(),
            "price": 1.0,
            "patience_days": patience,
        }
    }


def a_chain(*stages, patience=float("inf")):
    """Source -> stages, each (lead time, policy, initial stock); the last one sells to the customers."""
    names = [f"stage-{index}" for index in range(len(stages))]
    points = {"source": {"firm": "supplier", "item": "part"}}
    lanes = {}
    for name, supplier, (lead_time, policy, initial) in zip(names, ["source", *names], stages, strict=False):
        points[name] = {"firm": "maker", "item": "part", "policy": policy, "initial_on_hand": initial}
        lanes[f"to-{name}"] = {"supplier": supplier, "buyer": name, "lead_time_days": lead_time}
    data = network(DAYS, stock_points=points, lanes=lanes, demand=listed(names[-1], patience))
    return told(data)


def assert_same_days(site, run, name, *, waiting, verify, case):
    np.testing.assert_array_equal(run.point(name, "on_hand"), site.days("on_hand"))
    np.testing.assert_array_equal(waiting, site.days("backorders"))
    np.testing.assert_array_equal(run.point(name, "ordered"), site.days("ordered"))
    verify(
        case=f"{case}: mean stock of {DAYS} days, on each of which stock, backorders and orders agree",
        source="SupplyNetPy 0.5.1",
        expected=site.days("on_hand").mean(),
        simulated=run.point(name, "on_hand").mean(),
    )
    assert site.days("on_hand").max() > 0.0


def test_s_S_with_customers_who_wait(verify):  # noqa: N802
    def build(env):
        shop = Site(
            env, "shop", unlimited(env), lead_time=3, policy=scm.SSReplenishment, initial=40, s=14, S=40
        )
        customers(env, shop, **WAIT)
        return shop

    shop = theirs(build)
    run = a_chain((3, {"kind": "s_S", "reorder_units": 14, "units": 40}, 40))
    assert_same_days(
        shop,
        run,
        "stage-0",
        waiting=run.stream("home", "backlog"),
        verify=verify,
        case="(s, S), customers wait",
    )
    assert shop.days("backorders").any()


def test_s_S_with_customers_who_leave(verify):  # noqa: N802
    def build(env):
        shop = Site(
            env, "shop", unlimited(env), lead_time=3, policy=scm.SSReplenishment, initial=40, s=12, S=40
        )
        customers(env, shop, **LEAVE)
        return shop

    shop = theirs(build)
    run = a_chain((3, {"kind": "s_S", "reorder_units": 12, "units": 40}, 40), patience=0)
    assert_same_days(
        shop, run, "stage-0", waiting=np.zeros(DAYS), verify=verify, case="(s, S), customers leave"
    )
    np.testing.assert_array_equal(run.stream("home", "lost"), shop.days("lost"))
    assert shop.days("lost").any()


def test_base_stock_is_an_s_S_one_unit_apart(verify):  # noqa: N802
    def build(env):
        shop = Site(
            env, "shop", unlimited(env), lead_time=2, policy=scm.SSReplenishment, initial=13, s=12, S=13
        )
        customers(env, shop, **WAIT)
        return shop

    shop = theirs(build)
    run = a_chain((2, {"kind": "base_stock", "units": 13}, 13))
    assert_same_days(
        shop, run, "stage-0", waiting=run.stream("home", "backlog"), verify=verify, case="base stock"
    )
    assert shop.days("backorders").any()


def test_a_review_before_the_customers_come_is_a_day_of_lead_time():
    """Reviewed on the stroke of the day, an order misses the day's demand: as one of the evening before."""

    def build(env):
        two_days = 2 + CUSTOMERS_COME
        shop = Site(
            env,
            "shop",
            unlimited(env),
            lead_time=two_days,
            policy=scm.SSReplenishment,
            initial=30,
            s=18,
            S=30,
            period=1,
        )
        customers(env, shop, **WAIT)
        return shop

    shop = theirs(build)
    run = a_chain((3, {"kind": "s_S", "reorder_units": 18, "units": 30}, 30))
    np.testing.assert_array_equal(run.point("stage-0", "on_hand"), shop.days("on_hand"))
    np.testing.assert_array_equal(run.stream("home", "backlog"), shop.days("backorders"))
    np.testing.assert_array_equal(run.point("stage-0", "ordered")[:-1], shop.days("ordered")[1:])


BATCH = 10
SHOP = {"kind": "r_Q", "reorder_units": 12, "batch_units": BATCH}


def serial(warehouse, initial):
    """A shop that orders batches of ten from a warehouse."""

    def build(env):
        upstream = Site(
            env,
            "warehouse",
            unlimited(env),
            lead_time=4,
            policy=scm.RQReplenishment,
            initial=initial,
            **warehouse,
        )
        shop = Site(
            env, "shop", upstream.node, lead_time=2, policy=scm.RQReplenishment, initial=20, R=12, Q=BATCH
        )
        customers(env, shop, **WAIT)
        return upstream, shop

    return theirs(build)


def test_serial_r_Q_in_whole_batches(verify):  # noqa: N802
    upstream, shop = serial({"R": 10, "Q": 3 * BATCH}, 3 * BATCH)
    run = a_chain(
        (4, {"kind": "r_Q", "reorder_units": 10, "batch_units": 3 * BATCH}, 3 * BATCH), (2, SHOP, 20)
    )
    assert_same_days(
        upstream,
        run,
        "stage-0",
        waiting=run.lane("to-stage-1", "backlog"),
        verify=verify,
        case="serial (r, Q), the warehouse",
    )
    assert_same_days(
        shop,
        run,
        "stage-1",
        waiting=run.stream("home", "backlog"),
        verify=verify,
        case="serial (r, Q), the shop",
    )
    assert upstream.days("backorders").any()
    assert shop.days("backorders").any()


def test_an_order_is_shipped_in_part_here_and_only_as_a_whole_there():
    """The difference between the two: what the warehouse has, the shop gets, or waits for the rest."""
    odd = BATCH + 5
    upstream, _ = serial({"R": 10, "Q": 3 * BATCH}, odd)
    run = a_chain((4, {"kind": "r_Q", "reorder_units": 10, "batch_units": 3 * BATCH}, odd), (2, SHOP, 20))
    held_while_owing = (upstream.days("on_hand") > 0.0) & (upstream.days("backorders") > 0.0)
    assert held_while_owing.any()
    ours = (run.point("stage-0", "on_hand") > 0.0) & (run.lane("to-stage-1", "backlog") > 0.0)
    assert not ours.any()
