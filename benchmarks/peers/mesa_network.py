"""A network of 33 stock points in Mesa: one agent each, that does its day in the order of the network.

13 suppliers, 12 components and 8 products of four components each; base-stock policies, random lead times and
gamma demand of three markets. Sharing is first come, first served; there is no shock.

Prints stock points, days and seconds of processor time.
"""

import random
import time

import mesa  # type: ignore[import-not-found]

DAYS = 1095
SUPPLIERS, COMPONENTS, PRODUCTS, MARKETS = 13, 12, 8, 3
INPUTS, PROCESS_DAYS = 4, 7
SHORTEST, LONGEST = 21, 49
MEAN, DISPERSION = 10.0, 1.5


class Supplier(mesa.Agent):  # type: ignore[misc]
    """Ships what is ordered."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.orders: list[tuple[Component, float]] = []

    def step(self) -> None:
        for buyer, units in self.orders:
            buyer.due[(self.model.day + random.randint(SHORTEST, LONGEST)) % (LONGEST + 1)] += units
        self.orders = []


class Component(mesa.Agent):  # type: ignore[misc]
    """Stock of a component, bought from one or two suppliers."""

    def __init__(self, model: mesa.Model, suppliers: list[Supplier]) -> None:
        super().__init__(model)
        self.suppliers = suppliers
        self.users: list[Product] = []
        self.due = [0.0] * (LONGEST + 1)
        self.on_hand = self.on_order = 0.0

    def order(self) -> None:
        up_to = len(self.users) * MARKETS * MEAN * (LONGEST + 30)
        position = self.on_hand + self.on_order - sum(user.waiting for user in self.users)
        units = max(0.0, up_to - position)
        self.on_order += units
        for supplier in self.suppliers:
            supplier.orders.append((self, units / len(self.suppliers)))

    def receive(self) -> None:
        slot = self.model.day % (LONGEST + 1)
        self.on_hand += self.due[slot]
        self.on_order -= self.due[slot]
        self.due[slot] = 0.0


class Product(mesa.Agent):  # type: ignore[misc]
    """Stock of a product, made of components and sold to the markets."""

    def __init__(self, model: mesa.Model, inputs: list[Component]) -> None:
        super().__init__(model)
        self.inputs = inputs
        for component in inputs:
            component.users.append(self)
        self.due = [0.0] * PROCESS_DAYS
        self.unserved = [0.0] * MARKETS
        self.on_hand = self.waiting = self.in_process = self.sold = 0.0

    def order(self) -> None:
        for market in range(MARKETS):
            self.unserved[market] += random.gammavariate(MEAN / DISPERSION, DISPERSION)
        position = self.on_hand + self.waiting + self.in_process - sum(self.unserved)
        self.waiting += max(0.0, MARKETS * MEAN * (PROCESS_DAYS + 15) - position)

    def make_and_sell(self) -> None:
        slot = self.model.day % PROCESS_DAYS
        self.on_hand += self.due[slot]
        self.in_process -= self.due[slot]
        start = min(self.waiting, *(component.on_hand for component in self.inputs))
        for component in self.inputs:
            component.on_hand -= start
        self.waiting -= start
        self.in_process += start
        self.due[slot] = start
        for market in range(MARKETS):
            units = min(self.unserved[market], self.on_hand)
            self.unserved[market] -= units
            self.on_hand -= units
            self.sold += units


class Network(mesa.Model):  # type: ignore[misc]
    """The network and its days."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 0
        suppliers = [Supplier(self) for _ in range(SUPPLIERS)]
        components = [
            Component(self, [suppliers[index], suppliers[index + 1]]) for index in range(COMPONENTS)
        ]
        for index in range(PRODUCTS):
            Product(self, [components[(index + place) % COMPONENTS] for place in range(INPUTS)])

    def step(self) -> None:
        self.agents_by_type[Product].do("order")
        self.agents_by_type[Component].do("order")
        self.agents_by_type[Supplier].do("step")
        self.agents_by_type[Component].do("receive")
        self.agents_by_type[Product].do("make_and_sell")
        self.day += 1


def main() -> None:
    network = Network()
    start = time.process_time()
    for _ in range(DAYS):
        network.step()
    print(SUPPLIERS + COMPONENTS + PRODUCTS, DAYS, time.process_time() - start)


if __name__ == "__main__":
    main()
