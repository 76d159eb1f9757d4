"""Results of inventory theory, worked out without a line of ``sim``.

Orders of a day see its demand and goods arrive before it is served, so at the end of a day the net stock
is the position after ordering, L days ago, less the demand of the last L days.
"""

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import linprog

Floats = NDArray[np.float64]
TAIL = 1e-13

# ---------------------------------------------------------------------- demand


def poisson(mean: float) -> Floats:
    """Probabilities of 0, 1, 2, ... up to where nothing is left."""
    top = int(stats.poisson(mean).isf(TAIL)) + 2
    return stats.poisson(mean).pmf(np.arange(top))


def negative_binomial(mean: float, dispersion: float) -> Floats:
    """The same for a variance of `dispersion` times the mean."""
    law = stats.nbinom(mean / (dispersion - 1.0), 1.0 / dispersion)
    return law.pmf(np.arange(int(law.isf(TAIL)) + 2))


def sum_of(days: int, pmf: Floats) -> Floats:
    """Demand of several days."""
    total = np.ones(1)
    for _ in range(days):
        total = np.convolve(total, pmf)
    return total


def mean_of(pmf: Floats) -> float:
    """Mean of what is distributed over 0, 1, 2, ..."""
    return float(pmf @ np.arange(len(pmf)))


def stationary(chain: Floats) -> Floats:
    """The stationary distribution of a Markov chain with one recurrent class."""
    states = len(chain)
    equations = np.vstack([chain.T - np.eye(states), np.ones(states)])
    return np.linalg.lstsq(equations, np.append(np.zeros(states), 1.0), rcond=None)[0]


# ---------------------------------------------------------------------- backorders


def on_hand(position: float, pmf: Floats) -> float:
    """Expected stock left when demand `pmf` meets a position."""
    return float(pmf @ np.maximum(position - np.arange(len(pmf)), 0.0))


def backorders(position: float, pmf: Floats) -> float:
    """Expected shortage."""
    return float(pmf @ np.maximum(np.arange(len(pmf)) - position, 0.0))


def cost_rate(position: float, pmf: Floats, holding: float, penalty: float) -> float:
    """Expected cost of a day that begins with a position, ``pmf`` the demand of the lead time."""
    return holding * on_hand(position, pmf) + penalty * backorders(position, pmf)


def fill_rate(target: float, daily: Floats, lead_time: int) -> float:
    """Share of units served on the day they are asked for, under a base stock."""
    before = sum_of(lead_time - 1, daily)
    left = np.maximum(target - np.arange(len(before)), 0.0)
    served = np.minimum(np.arange(len(daily))[:, None], left[None, :])
    return float(daily @ served @ before) / mean_of(daily)


def normal_cost_rate(position: float, mean: float, sd: float, holding: float, penalty: float) -> float:
    """Newsvendor cost with normal demand, by the standard loss function."""
    z = (position - mean) / sd
    loss = stats.norm.pdf(z) - z * stats.norm.sf(z)
    return float(holding * (position - mean) + (holding + penalty) * sd * loss)


# ---------------------------------------------------------------------- reorder levels and batches


def renewal_cost_rate(
    reorder_at: int, up_to: int, daily: Floats, costs: tuple[float, Floats]
) -> tuple[float, float]:
    """Cost and orders a day under (s, S), renewal-reward (Zheng & Federgruen 1991, eq. 2).

    `costs` are the cost of an order, and of a day that begins with 0, 1, ..., S.
    """
    fixed, of_position = costs
    span = up_to - reorder_at
    density = np.zeros(span)
    for step in range(span):
        earlier = sum(daily[size] * density[step - size] for size in range(1, step + 1) if size < len(daily))
        density[step] = ((step == 0) + earlier) / (1.0 - daily[0])
    days = float(density.sum())
    run = float(density @ np.array([of_position[up_to - step] for step in range(span)]))
    return (fixed + run) / days, 1.0 / days


def best_reorder_levels(daily: Floats, costs: tuple[float, Floats], highest: int) -> tuple[float, int, int]:
    """Cheapest (s, S) of all with 0 <= s < S <= highest."""
    fixed, of_position = costs
    density = np.zeros(highest)
    for step in range(highest):
        width = min(step, len(daily) - 1)
        earlier = float(daily[1 : width + 1] @ density[step - np.arange(1, width + 1)])
        density[step] = ((step == 0) + earlier) / (1.0 - daily[0])
    days = np.cumsum(density)
    best = (math.inf, 0, 0)
    for up_to in range(1, highest + 1):
        run = np.cumsum(density[:up_to] * of_position[up_to - np.arange(up_to)])
        rates = (fixed + run) / days[:up_to]
        span = int(np.argmin(rates)) + 1
        best = min(best, (float(rates[span - 1]), up_to - span, up_to))
    return best


def positions(order_of: dict[int, int], start: int, daily: Floats) -> dict[int, float]:
    """Stationary distribution of the position after ordering; `order_of` says what a position orders."""
    reached, todo = {start}, [start]
    steps: dict[int, dict[int, float]] = {}
    while todo:
        here = todo.pop()
        steps[here] = {}
        for size, chance in enumerate(daily):
            left = here - size
            there = left + order_of[left]
            steps[here][there] = steps[here].get(there, 0.0) + chance
            if there not in reached:
                reached.add(there)
                todo.append(there)
    states = sorted(reached)
    chain = np.array([[steps[a].get(b, 0.0) for b in states] for a in states])
    return dict(zip(states, stationary(chain / chain.sum(axis=1, keepdims=True)).tolist(), strict=True))


# ---------------------------------------------------------------------- lost sales


def engset_loss(target: int, lead_time: int, chance: float) -> float:
    """Share of customers lost: one comes a day with probability `chance`, and does not wait.

    A unit is away for `lead_time` days. Served are those who find fewer than `target` of the last
    ``lead_time - 1`` days' customers served; the days of a window with a customer served are distributed as
    a truncated product, so the loss is Engset's formula for sources as many as days.
    """
    odds = chance / (1.0 - chance)
    weights = [math.comb(lead_time, busy) * odds**busy for busy in range(target + 1)]
    return math.comb(lead_time - 1, target) * odds**target / sum(weights)


def engset_on_hand(target: int, lead_time: int, chance: float) -> float:
    """Mean stock at the end of a day, of the same system."""
    odds = chance / (1.0 - chance)
    weights = np.array([math.comb(lead_time, busy) * odds**busy for busy in range(target + 1)])
    return float(weights @ (target - np.arange(target + 1)) / weights.sum())


def erlang_b(servers: int, load: float) -> float:
    """Share lost by so many servers offered a load (Erlang 1917)."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def lost_units(target: int, lead_time: int, daily: Floats) -> tuple[float, float]:
    """Units lost a day and mean stock at the end of a day, by the chain of what the last days served.

    The state is what was served on each of the last ``lead_time - 1`` days: by brute force.
    """
    window = lead_time - 1
    states = _states(target, window)
    number = {state: index for index, state in enumerate(states)}
    after: Floats = np.zeros(len(states))
    after[number[(0,) * window]] = 1.0
    moves = [
        (index, number[(*state, served)[1:]], served, size, chance)
        for state, index in number.items()
        for size, chance in enumerate(daily)
        for served in [min(size, target - sum(state))]
    ]
    origin, goal = (np.array([move[part] for move in moves]) for part in range(2))
    served, size, chance = (np.array([float(move[part]) for move in moves]) for part in range(2, 5))
    for _ in range(40 * lead_time):
        after = np.asarray(np.bincount(goal, after[origin] * chance, len(states)), dtype=np.float64)
    mass = after[origin] * chance
    out = np.array([sum(state) for state in states])[origin] + served
    return float(mass @ (size - served)), float(mass @ (target - out))


def _states(most: int, window: int) -> list[tuple[int, ...]]:
    """Every way to serve `most` units or fewer over some days."""
    if window == 0:
        return [()]
    return [(*state, units) for state in _states(most, window - 1) for units in range(most - sum(state) + 1)]


# ---------------------------------------------------------------------- capacitated supply


def shortfall(daily: Floats, capacity: int, most: int = 400) -> Floats:
    """How far the position after ordering is below the level, in the long run (Federgruen & Zipkin 1986).

    V(t) = max(0, V(t - 1) + D(t) - C): what demand takes beyond the capacity of an order.
    """
    chain = np.zeros((most + 1, most + 1))
    for behind in range(most + 1):
        for demand, chance in enumerate(daily):
            chain[behind, min(most, max(0, behind + demand - capacity))] += chance
    return stationary(chain)


def poisson_shortfall(mean: float, capacity: int) -> tuple[float, float]:
    """Chance that there is none, and its mean, by the roots of z^C = exp(mean (z - 1)) (Bailey 1954)."""
    roots = np.exp(2j * math.pi * np.arange(1, capacity) / capacity)
    turns = roots.copy()
    for _ in range(500):
        roots = turns * np.exp(mean * (roots - 1.0) / capacity)
    spare = capacity - mean
    none = math.exp(mean) * spare * np.prod(-roots / (1.0 - roots)).real
    rest = (capacity * (capacity - 1) - mean**2) / (2.0 * spare)
    return float(none), float((1.0 / (1.0 - roots)).sum().real - rest)


# ---------------------------------------------------------------------- two sources


def dual_index_cost(
    levels: tuple[int, int], late_by: int, costs: tuple[float, float, float], daily: Floats
) -> float:
    """Cost a day of dual-index orders, by the chain of net stock and regular orders under way.

    `levels` are the expedited and the whole level, `late_by` the days by which regular orders come after
    expedited ones, which are there at once; `costs` those of expediting a unit, of holding, of a backorder.
    Veeraraghavan & Scheller-Wolf 2008: order, receive, then meet the day's demand.
    """
    soon_level, whole_level = levels
    premium, holding, penalty = costs

    def step(state: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        """Units expedited, and the state just before demand."""
        net, *under_way = state
        soon = net + under_way[0]
        expedited = max(0, soon_level - soon)
        regular = max(0, whole_level - net - sum(under_way) - expedited)
        return expedited, (soon + expedited, *under_way[1:], regular)

    start = (soon_level, *(0,) * late_by)
    number, todo = {start: 0}, [start]
    moves: list[tuple[int, int, float]] = []
    paid: list[float] = []
    for state in todo:
        expedited, (ready, *under_way) = step(state)
        left = ready - np.arange(len(daily))
        stock_costs = holding * np.maximum(left, 0) + penalty * np.maximum(-left, 0)
        paid.append(premium * expedited + float(daily @ stock_costs))
        for net, chance in zip(left.tolist(), daily.tolist(), strict=True):
            after = (net, *under_way)
            if after not in number:
                number[after] = len(number)
                todo.append(after)
            moves.append((number[state], number[after], chance))
    chain = np.zeros((len(number), len(number)))
    for here, there, chance in moves:
        chain[here, there] += chance
    return float(stationary(chain) @ np.array(paid))


def overshoot(daily: Floats, standing: int, most: int = 400) -> Floats:
    """How far the expedited position is above its level after orders, in the long run.

    O(t) = max(0, O(t - 1) + Q - D(t)): what a standing order of Q brings beyond demand (Allon & Van Mieghem
    2010; Janakiraman, Seshadri & Sheopuri 2015).
    """
    chain = np.zeros((most + 1, most + 1))
    for ahead in range(most + 1):
        for demand, chance in enumerate(daily):
            chain[ahead, min(most, max(0, ahead + standing - demand))] += chance
    return stationary(chain)


# ---------------------------------------------------------------------- stock that ages


def two_day_life(target: int, daily: Floats) -> tuple[float, float, float]:
    """Units lost, expired and left a day of a base stock that can be used on two days, the oldest first.

    Orders see the day's demand and come the next day; customers do not wait. The state is what is left of
    yesterday's receipt, and today's (Nahmias 1975; Van Zyl 1964).
    """
    number = {(0, target): 0}
    todo = list(number)
    moves: list[tuple[int, int, float]] = []
    told: list[Floats] = []
    for old, new in todo:
        demand = np.arange(len(daily))
        left = np.maximum(old + new - demand, 0)
        expired = np.maximum(old - demand, 0)
        told.append(
            np.array([daily @ np.maximum(demand - old - new, 0), daily @ expired, daily @ (left - expired)])
        )
        for there, chance in zip(zip(left - expired, target - left, strict=True), daily, strict=True):
            state = (int(there[0]), int(there[1]))
            if state not in number:
                number[state] = len(number)
                todo.append(state)
            moves.append((number[old, new], number[state], float(chance)))
    chain = np.zeros((len(number), len(number)))
    for here, after, chance in moves:
        chain[here, after] += chance
    lost, expired, left = (stationary(chain) @ np.array(told)).tolist()
    return lost, expired, left


# ---------------------------------------------------------------------- disrupted supply


def down_days(fail: float, recover: float, longest: int = 4000) -> Floats:
    """Probability of being down for n days in a row, n = 0 meaning up (Tomlin 2006; Snyder & Shen 9.2.2)."""
    up = recover / (fail + recover)
    days = np.arange(1, longest)
    return np.append(up, up * fail * (1.0 - recover) ** (days - 1))


def disrupted_base_stock_cost(
    days_of_stock: int,
    probabilities: tuple[float, float],
    costs: tuple[float, float],
    rerouted: float = 0.0,
) -> float:
    """Cost a day of a base stock of `days_of_stock` days of demand 1, ordered when supply is up.

    While it is down, the share `rerouted` of demand is ordered from a supplier who never fails.
    """
    down = down_days(*probabilities)
    left = days_of_stock - 1 - np.arange(len(down)) * (1.0 - rerouted)
    holding, penalty = costs
    return float(down @ (holding * np.maximum(left, 0) + penalty * np.maximum(-left, 0)))


def disrupted_lot_cost(
    lot: int, probabilities: tuple[float, float], costs: tuple[float, float, float]
) -> float:
    """Cost a day of lots of `lot` days' demand of 1, ordered at 0 and when supply is up; shortages are lost.

    A cycle is the lot's days and those on which the shelf is empty because supply is down.
    """
    fail, recover = probabilities
    fixed, holding, lost = costs
    down = fail / (fail + recover) * (1.0 - (1.0 - fail - recover) ** lot)
    empty = down / recover
    return (fixed + holding * lot * (lot - 1) / 2.0 + lost * empty) / (lot + empty)


def disrupted_lot_cost_by_chain(
    lot: int, probabilities: tuple[float, float], costs: tuple[float, float, float]
) -> float:
    """The same by the chain of (stock at the end of a day, supply up)."""
    fail, recover = probabilities
    fixed, holding, lost = costs
    switch = {True: {True: 1.0 - fail, False: fail}, False: {True: recover, False: 1.0 - recover}}
    chain, cost = np.zeros((2 * lot, 2 * lot)), np.zeros(2 * lot)
    for stock, up in product(range(lot), (True, False)):
        here = 2 * stock + up
        orders = stock == 0 and up
        cost[here] = holding * stock + fixed * orders + lost * (stock == 0 and not up)
        left = stock - 1 if stock > 0 else lot - 1 if orders else 0
        for next_up, chance in switch[up].items():
            chain[here, 2 * left + next_up] += chance
    return float(stationary(chain) @ cost)


def disrupted_economic_lot_cost(
    lot: float, rates: tuple[float, float], costs: tuple[float, float, float]
) -> float:
    """The continuous formula (Parlar & Berkin 1991, as corrected by Berk & Arreola-Risa 1994), demand 1."""
    fail, recover = rates
    fixed, holding, lost = costs
    empty = fail / (fail + recover) * (1.0 - math.exp(-(fail + recover) * lot)) / recover
    return (fixed + holding * lot**2 / 2.0 + lost * empty) / (lot + empty)


# ---------------------------------------------------------------------- several echelons


def serial_cost(
    targets: list[float], lead_times: list[int], costs: tuple[list[float], float], demand: tuple[float, float]
) -> float:
    """Cost a day of echelon base stocks in series, last stage first, normal demand (Clark & Scarf 1960).

    `costs` are the echelon holding costs and the penalty; `demand` is mean and standard deviation of a day.
    """
    echelon_costs, penalty = costs
    mean, sd = demand
    step = 0.01
    low = targets[-1] - 40.0 * sd - 2.0 * mean * sum(lead_times)
    grid = np.arange(low, max(targets) + step / 2.0, step)
    position = np.zeros(len(grid))
    position[_nearest(grid, targets[0])] = 1.0
    cost = 0.0
    for stage, (lead_time, holding) in enumerate(zip(lead_times, echelon_costs, strict=True)):
        if stage > 0:
            top = _nearest(grid, targets[stage])
            position[top] += position[top + 1 :].sum()
            position[top + 1 :] = 0.0
        level = _less_normal(position, mean * lead_time / step, sd * math.sqrt(lead_time) / step)
        cost += holding * float(level @ grid)
        position = level
    return cost + (penalty + sum(echelon_costs)) * float(position @ np.maximum(-grid, 0.0))


def _nearest(grid: Floats, value: float) -> int:
    return int(np.argmin(np.abs(grid - value)))


def _less_normal(position: Floats, mean: float, sd: float) -> Floats:
    """Distribution of a position less normal demand, on the same grid."""
    reach = np.arange(math.floor(mean - 9.0 * sd), math.ceil(mean + 9.0 * sd) + 1)
    chance = np.diff(stats.norm.cdf(np.append(reach - 0.5, reach[-1] + 0.5), mean, sd))
    whole = np.convolve(position, chance[::-1])
    first = int(reach[-1])
    return whole[first : first + len(position)]


# ---------------------------------------------------------------------- clairvoyant linear programs


def least_lost(network: dict[str, dict], days: float) -> float:
    """Least value of sales lost in a disruption, known in advance (Simchi-Levi et al. 2015, their PI model).

    `network` holds ``stock`` (point -> units on hand and under way), ``supply`` (point -> units a day that
    still come from outside), ``make`` (recipe -> output, inputs, capacity a day), ``move`` (lane -> supplier,
    buyer) and ``sell`` (stream -> point, units a day, value of a unit).
    """
    makes, moves, sells = network["make"], network["move"], network["sell"]
    columns = [*makes, *moves, *sells]
    value = np.array([0.0] * (len(makes) + len(moves)) + [sale["value"] for sale in sells.values()])
    rows, limits = [], []
    for point, stock in network["stock"].items():
        use = [recipe["inputs"].get(point, 0.0) - (recipe["output"] == point) for recipe in makes.values()]
        use += [float(lane["supplier"] == point) - (lane["buyer"] == point) for lane in moves.values()]
        use += [float(sale["point"] == point) for sale in sells.values()]
        rows.append(use)
        limits.append(stock + network["supply"].get(point, 0.0) * days)
    bounds = [(0.0, recipe.get("capacity", math.inf) * days) for recipe in makes.values()]
    bounds += [(0.0, math.inf) for _ in moves]
    bounds += [(0.0, sale["units"] * days) for sale in sells.values()]
    assert len(bounds) == len(columns)
    found = linprog(-value, A_ub=np.array(rows), b_ub=np.array(limits), bounds=bounds)
    wanted = sum(sale["units"] * days * sale["value"] for sale in sells.values())
    return max(0.0, wanted + float(found.fun))


def longest_survival(network: dict[str, dict], at_most: float) -> float:
    """Longest disruption without a lost sale (their TTS model), by bisection over :func:`least_lost`."""
    if least_lost(network, at_most) <= 1e-7:
        return at_most
    low, high = 0.0, at_most
    while high - low > 1e-7:
        middle = (low + high) / 2.0
        low, high = (middle, high) if least_lost(network, middle) <= 1e-9 else (low, middle)
    return low


def days_at_risk(pauses: str, lead_time: int, probabilities: tuple[float, float]) -> Floats:
    """Distribution of the number of days whose demand the net stock lacks, under a disruption of a lane.

    Orders, shipments and receipts that wait n days add n to the lead time, whichever waits. In transit
    only days that are not paused count, so the lead time is the sum of so many gaps between such days.
    """
    fail, recover = probabilities
    waited = down_days(fail, recover)
    if pauses != "transit":
        return np.append(np.zeros(lead_time), waited)[: len(waited)]
    gap = np.append([0.0, 1.0 - fail], fail * recover * (1.0 - recover) ** np.arange(len(waited) - 2))
    total = np.append(0.0, waited)[: len(waited)]
    for _ in range(lead_time - 1):
        total = np.convolve(total, gap)[: len(waited)]
    return total


def disrupted_levels(target: int, daily_mean: float, at_risk: Floats) -> tuple[float, float]:
    """Expected stock and backorders of a base stock with Poisson demand over a random number of days."""
    stock = short = 0.0
    for days, chance in enumerate(at_risk):
        if chance < 1e-12:
            continue
        pmf = poisson(daily_mean * days) if days else np.ones(1)
        stock += chance * on_hand(target, pmf)
        short += chance * backorders(target, pmf)
    return float(stock), float(short)
