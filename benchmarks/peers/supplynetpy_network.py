"""A network of 33 stock points in SupplyNetPy: 13 suppliers, 12 warehouses, 8 shops and 24 customers.

A manufacturer of SupplyNetPy holds its raw materials for itself and one order at a time, so there is no
assembly: warehouses buy from suppliers and shops from warehouses, up to S whenever something is sold.

Prints stock points, days and seconds of processor time.
"""

import random
import time

import simpy
import SupplyNetPy.Components as scm  # noqa: N813 - as its manual writes it

DAYS = 365
SUPPLIERS, WAREHOUSES, SHOPS, MARKETS = 13, 12, 8, 3
MEAN = 10


def site(env: simpy.Environment, name: str, up_to: int) -> scm.InventoryNode:
    return scm.InventoryNode(
        env=env,
        ID=name,
        name=name,
        node_type="warehouse",
        capacity=1e9,
        initial_level=up_to,
        inventory_holding_cost=0.0,
        replenishment_policy=scm.SSReplenishment,
        policy_param={"s": up_to - 1, "S": up_to},
        product_sell_price=1.0,
        product_buy_price=1.0,
        logging=False,
    )


def link(env: simpy.Environment, source: scm.Node, sink: scm.Node, low: int, high: int) -> None:
    scm.Link(
        env=env,
        ID=f"{source.ID}-{sink.ID}",
        source=source,
        sink=sink,
        cost=0.0,
        lead_time=lambda: float(random.randint(low, high)),
    )


def customers(env: simpy.Environment, shop: scm.InventoryNode, market: int) -> None:
    """One customer a day."""
    scm.Demand(
        env=env,
        ID=f"{shop.ID}-{market}",
        name=f"{shop.ID}-{market}",
        order_arrival_model=lambda: 1.0,
        order_quantity_model=lambda: max(1, round(random.gammavariate(MEAN, 1.0))),
        demand_node=shop,
        tolerance=float("inf"),
        order_min_split_ratio=1e-9,
        logging=False,
    )


def main() -> None:
    env = simpy.Environment()
    suppliers = [
        scm.Supplier(env=env, ID=f"s{index}", name=f"s{index}", node_type="infinite_supplier", logging=False)
        for index in range(SUPPLIERS)
    ]
    warehouses = [site(env, f"w{index}", 4 * MARKETS * MEAN * 80) for index in range(WAREHOUSES)]
    shops = [site(env, f"shop{index}", MARKETS * MEAN * 22) for index in range(SHOPS)]
    for index, warehouse in enumerate(warehouses):
        link(env, suppliers[index], warehouse, 21, 49)
    for index, shop in enumerate(shops):
        link(env, warehouses[index], shop, 7, 7)
        for market in range(MARKETS):
            customers(env, shop, market)
    start = time.process_time()
    env.run(until=DAYS)
    print(SUPPLIERS + WAREHOUSES + SHOPS, DAYS, time.process_time() - start)


if __name__ == "__main__":
    main()
