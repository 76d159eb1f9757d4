"""Whose losses are the headline: firms, and groups of firms that are reported as one."""

from collections.abc import Iterator, Mapping, Set
from functools import partial

from sim.scenario.findings import Finding
from sim.scenario.schema import Scenario
from sim.scenario.wording import show

Sales = Mapping[str, Set[str | None]]
"""For each firm that sells, the firms to which it sells; None stands for the markets."""


def members(scenario: Scenario, maker: str) -> tuple[str, ...]:
    """Firms of a maker: those of the group, or the firm itself."""
    group = scenario.analysis.groups.get(maker)
    return tuple(group.firms) if group else (maker,)


def name_of(scenario: Scenario, maker: str) -> str:
    """What the scenario calls a maker."""
    group = scenario.analysis.groups.get(maker)
    return group.name if group else scenario.firms[maker].name


def makers_of(scenario: Scenario) -> tuple[str, ...]:
    """Makers of the headline: those named, or all that sell to a market, groups before firms in none."""
    if scenario.analysis.makers is not None:
        return tuple(scenario.analysis.makers)
    sellers = {scenario.stock_points[stream.stock_point].firm for stream in scenario.demand.values()}
    grouped = {firm for group in scenario.analysis.groups.values() for firm in group.firms}
    groups = (name for name, group in scenario.analysis.groups.items() if sellers.intersection(group.firms))
    return (*groups, *(name for name in scenario.firms if name in sellers and name not in grouped))


def sells_to(scenario: Scenario, firms: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Other firms to which some of these sell over lanes, and markets to which they sell."""
    points, lanes = scenario.stock_points, (*scenario.lanes.values(), *scenario.substitutes.values())
    markets = [it.market for it in scenario.demand.values() if points[it.stock_point].firm in firms]
    ends = [(points[lane.supplier].firm, points[lane.buyer].firm) for lane in lanes]
    buyers = [buyer for seller, buyer in ends if seller in firms and buyer not in firms]
    return list(dict.fromkeys(buyers)), list(dict.fromkeys(markets))


def findings(scenario: Scenario) -> Iterator[Finding]:
    """Groups that cannot be told apart from firms or from each other, and makers that sell nothing."""
    group_of: dict[str, str] = {}
    for name, group in scenario.analysis.groups.items():
        path = ("analysis", "groups", name)
        if name in scenario.firms:
            yield Finding(path, f"{show(name)} is also the id of a firm; choose another")
        for index, firm in enumerate(group.firms):
            if firm in group_of:
                message = f"{firm} is in the group {group_of[firm]} too, allowed: one group a firm"
                yield Finding((*path, "firms", str(index)), message)
            group_of.setdefault(firm, name)
    yield from _makers(scenario, group_of)


def _makers(scenario: Scenario, group_of: dict[str, str]) -> Iterator[Finding]:
    named = dict.fromkeys(scenario.analysis.makers or ())
    sales = _sales(scenario)
    for index, maker in enumerate(named):
        path = ("analysis", "makers", str(index))
        if group_of.get(maker) in named:
            group = group_of[maker]
            yield Finding(path, f"{maker} is in the group {group}, which is listed too, allowed: one of them")
        if not _sells(sales, members(scenario, maker)):
            yield Finding(path, partial(_say_no_seller, scenario, sales, maker))


def _sales(scenario: Scenario) -> Sales:
    """To whom each firm sells, worked out once for all makers."""
    points = scenario.stock_points
    sales: dict[str, set[str | None]] = {}
    for stream in scenario.demand.values():
        sales.setdefault(points[stream.stock_point].firm, set()).add(None)
    for lane in (*scenario.lanes.values(), *scenario.substitutes.values()):
        sales.setdefault(points[lane.supplier].firm, set()).add(points[lane.buyer].firm)
    return sales


def _sells(sales: Sales, firms: tuple[str, ...]) -> bool:
    """Whether some firms, taken as one, sell to a market or to another firm."""
    own = set(firms)
    return any(buyer not in own for firm in firms for buyer in sales.get(firm, ()))


def _say_no_seller(scenario: Scenario, sales: Sales, maker: str) -> str:
    candidates = (*scenario.analysis.groups, *sorted(scenario.firms))
    sellers = [name for name in candidates if _sells(sales, members(scenario, name))]
    allowed = f"a firm with demand, or with a lane to another firm: {', '.join(sellers) or 'none'}"
    return f"{maker} sells nothing, allowed: {allowed}"
