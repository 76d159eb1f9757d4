"""An assembly network of 20 stock points in stockpyl: 12 components bought outside, 8 products of four each.

Base-stock policies, lead times of 35 and 7 days and normal demand, one stream a product. stockpyl's suppliers
outside hold no stock and count as none; it has no random lead times.

Prints stock points, days and seconds of processor time.
"""

import time

from stockpyl.demand_source import DemandSource
from stockpyl.policy import Policy
from stockpyl.sim import simulation
from stockpyl.supply_chain_network import SupplyChainNetwork
from stockpyl.supply_chain_node import SupplyChainNode

DAYS = 100
COMPONENTS, PRODUCTS, INPUTS = 12, 8, 4
MEAN, DEVIATION = 30.0, 7.0


def network() -> SupplyChainNetwork:
    result = SupplyChainNetwork()
    components = [_node(index, 35, 4 * MEAN * 65) for index in range(COMPONENTS)]
    products = [_node(COMPONENTS + index, 7, MEAN * 22) for index in range(PRODUCTS)]
    for node in (*components, *products):
        result.add_node(node)
    for component in components:
        component.supply_type = "U"
    for index, product in enumerate(products):
        product.demand_source = DemandSource(type="N", mean=MEAN, standard_deviation=DEVIATION)
        for place in range(INPUTS):
            result.add_edge((index + place) % COMPONENTS, product.index)
    return result


def _node(index: int, lead_time: int, base_stock_level: float) -> SupplyChainNode:
    node = SupplyChainNode(index, shipment_lead_time=lead_time)
    node.inventory_policy = Policy(type="BS", base_stock_level=base_stock_level, node=node)
    return node


def main() -> None:
    start_network = network()
    start = time.process_time()
    simulation(start_network, DAYS, rand_seed=1, progress_bar=False, consistency_checks="N")
    print(COMPONENTS + PRODUCTS, DAYS, time.process_time() - start)


if __name__ == "__main__":
    main()
