"""A network of 33 stock points in salabim: one component each, that holds for a day at a time.

13 suppliers, 12 components and 8 products of four components each; base-stock policies, random lead times and
gamma demand of three markets. Sharing is first come, first served; there is no shock. What is under way is
kept in lists by day: a component for each shipment takes ten times as long.

Prints stock points, days and seconds of processor time.
"""

import random
import time
from collections.abc import Generator
from typing import Any

import salabim as sim  # type: ignore[import-not-found]

DAYS = 1095
SUPPLIERS, COMPONENTS, PRODUCTS, MARKETS = 13, 12, 8, 3
INPUTS, PROCESS_DAYS = 4, 7
SHORTEST, LONGEST = 21, 49
MEAN, DISPERSION = 10.0, 1.5

Process = Generator[Any, None, None]


class Product(sim.Component):  # type: ignore[misc]
    """Stock of a product, made of components and sold to the markets."""

    def setup(self, inputs: "list[Component]") -> None:
        self.inputs = inputs
        self.due = [0.0] * PROCESS_DAYS
        self.unserved = [0.0] * MARKETS
        self.on_hand = self.waiting = self.under_way = self.sold = 0.0

    def process(self) -> Process:
        while True:
            for market in range(MARKETS):
                self.unserved[market] += random.gammavariate(MEAN / DISPERSION, DISPERSION)
            position = self.on_hand + self.waiting + self.under_way - sum(self.unserved)
            self.waiting += max(0.0, MARKETS * MEAN * (PROCESS_DAYS + 15) - position)
            self.produce(int(self.env.now()) % PROCESS_DAYS)
            for market in range(MARKETS):
                units = min(self.unserved[market], self.on_hand)
                self.unserved[market] -= units
                self.on_hand -= units
                self.sold += units
            yield self.hold(1)

    def produce(self, slot: int) -> None:
        self.on_hand += self.due[slot]
        self.under_way -= self.due[slot]
        start = min(self.waiting, *(component.on_hand for component in self.inputs))
        for component in self.inputs:
            component.on_hand -= start
        self.waiting -= start
        self.under_way += start
        self.due[slot] = start


class Component(sim.Component):  # type: ignore[misc]
    """Stock of a component, bought from two suppliers."""

    def setup(self, suppliers: "list[Supplier]") -> None:
        self.suppliers = suppliers
        self.users: list[Product] = []
        self.due = [0.0] * (LONGEST + 1)
        self.on_hand = self.under_way = 0.0

    def process(self) -> Process:
        while True:
            slot = int(self.env.now()) % (LONGEST + 1)
            self.on_hand += self.due[slot]
            self.under_way -= self.due[slot]
            self.due[slot] = 0.0
            up_to = len(self.users) * MARKETS * MEAN * (LONGEST + 30)
            position = self.on_hand + self.under_way - sum(user.waiting for user in self.users)
            units = max(0.0, up_to - position)
            self.under_way += units
            for supplier in self.suppliers:
                supplier.orders.append((self, units / len(self.suppliers)))
            yield self.hold(1)


class Supplier(sim.Component):  # type: ignore[misc]
    """Ships what is ordered."""

    def setup(self) -> None:
        self.orders: list[tuple[Component, float]] = []

    def process(self) -> Process:
        while True:
            for buyer, units in self.orders:
                day = int(self.env.now()) + random.randint(SHORTEST, LONGEST)
                buyer.due[day % (LONGEST + 1)] += units
            self.orders = []
            yield self.hold(1)


def build() -> sim.Environment:
    """The network; within a day, those created first come first."""
    sim.yieldless(False)
    environment = sim.Environment(trace=False)
    products = [Product(inputs=[]) for _ in range(PRODUCTS)]
    components = [Component(suppliers=[]) for _ in range(COMPONENTS)]
    suppliers = [Supplier() for _ in range(SUPPLIERS)]
    for index, component in enumerate(components):
        component.suppliers = [suppliers[index], suppliers[index + 1]]
    for index, product in enumerate(products):
        product.inputs = [components[(index + place) % COMPONENTS] for place in range(INPUTS)]
        for component in product.inputs:
            component.users.append(product)
    return environment


def main() -> None:
    environment = build()
    start = time.process_time()
    environment.run(DAYS)
    print(SUPPLIERS + COMPONENTS + PRODUCTS, DAYS, time.process_time() - start)


if __name__ == "__main__":
    main()
