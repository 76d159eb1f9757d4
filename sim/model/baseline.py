"""Whether the network works without its shock: what shows in the plan alone, before anything is simulated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.model import network
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.model.facts import normal_shares
from sim.model.plan import Floats, Plan, Supply
from sim.model.schedule import planned_usage
from sim.scenario.days import DEFAULT_START
from sim.scenario.policies import POLICIES
from sim.scenario.policies.base import LevelDays
from sim.scenario.schema import Scenario

MOST_LISTED = 10
MOST_DAYS = 366
"""Days of a loss window that are looked at; of a longer one as many, evenly spread."""
ENOUGH = 0.999
"""Share of what is needed that counts as all of it: the rest is rounding."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A sign that a loss measured against the counterfactual would mean little: no mistake, but worth a look.

    Parameters
    ----------
    path
        Where in the scenario, dotted.
    message
        What was found, and what helps.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def listed(cautions: Sequence[Caution]) -> list[str]:
    """As many of them as a reader can use, a line each."""
    lines = [str(caution) for caution in cautions[:MOST_LISTED]]
    left = len(cautions) - len(lines)
    return [*lines, f"and {left:,} more of the kind"] if left else lines


def baseline_cautions(scenario: Scenario, plan: Plan) -> list[Caution]:
    """What is wrong with the undisturbed network, as far as expected values and planned usage tell.

    Parameters
    ----------
    scenario, plan
        A scenario and what :func:`sim.model.compile.compile_plan` made of it.
    """
    normal_share = normal_shares(plan, plan.numbers)
    with np.errstate(all="ignore"):
        usage = planned_usage(
            plan, plan.numbers, normal_share, mean_demand(plan, _first_day(scenario))[:, None]
        )[:, 0]
        of_plan = [*_capacity(plan, usage, normal_share), *_cover(plan, usage, normal_share)]
    return [*_shock(scenario), *_window(scenario), *of_plan]


def _first_day(scenario: Scenario) -> int:
    """Day on which the shock is expected, or the first."""
    name = network.shock(scenario)
    return network.expected_day(scenario, name) if name else 0


def mean_demand(plan: Plan, first_day: int) -> Floats:
    """``[stream]`` mean of the planned demand a day in the loss window.

    Parameters
    ----------
    plan
        Any plan.
    first_day
        Index of the day with which the window begins.
    """
    last_day = first_day + plan.window_days - 1
    days = np.linspace(first_day, last_day, min(plan.window_days, MOST_DAYS)).astype(np.int64)
    month = (np.datetime64(plan.start, "D") + days).astype("datetime64[M]").astype(np.int64) % 12
    level = (1.0 + plan.streams.growth_per_year[:, None]) ** (days / DAYS_PER_YEAR)
    mean: Floats = plan.streams.mean_per_day * (level * plan.streams.seasonality[:, month]).mean(axis=1)
    return mean


# ---------------------------------------------------------------------- the shock


def _shock(scenario: Scenario) -> Iterator[Caution]:
    if network.shock(scenario) is None:
        message = "none is marked as shock, so scenario and counterfactual are the same and nothing is lost"
        yield Caution("interventions", f"{message}; write 'shock: true' on what the counterfactual lacks")


def _window(scenario: Scenario) -> Iterator[Caution]:
    """A loss window that is cut short, or in which little of the shock happens."""
    name = network.shock(scenario)
    if name is not None:
        yield from _cut_short(scenario)
        yield from _beside_the_shock(scenario, name)


def _cut_short(scenario: Scenario) -> Iterator[Caution]:
    length, is_dated = network.window_days(scenario), scenario.calendar.start != DEFAULT_START
    if is_dated and scenario.analysis.window_days is None and length < network.YEAR / 2:
        message = f"the calendar ends {length} days after the shock, and only these are counted"
        yield Caution("calendar", f"{message}; let it go on for a year after the shock, or give window_days")


def _beside_the_shock(scenario: Scenario, name: str) -> Iterator[Caution]:
    first, length = network.expected_day(scenario, name), network.window_days(scenario)
    effects = [entry for entry in scenario.interventions if network.is_shock(scenario, entry)]
    spans = [_expected_span(scenario, entry) for entry in effects if _does_something(scenario, entry)]
    if not spans:
        return
    begins, ends = min(start for start, _ in spans), max(end for _, end in spans)
    remedy = "choose another analysis.shock or window_days"
    if begins > first + length / 2:
        message = f"most of the {length} days from {name} on come before anything of the shock; {remedy}"
        yield Caution("analysis", message)
    if ends <= first:
        yield Caution("analysis", f"all of the shock has ended when the loss begins to count; {remedy}")


def _does_something(scenario: Scenario, name: str) -> bool:
    return scenario.interventions[name].acts_alone


def _expected_span(scenario: Scenario, name: str) -> tuple[int, float]:
    """First day on which an intervention is expected to hold, and first on which it no longer does."""
    start, entry = network.expected_day(scenario, name), scenario.interventions[name]
    if entry.end is not None:
        return start, (entry.end - scenario.calendar.start).days
    return start, float("inf") if entry.duration_days is None else start + entry.duration_days.mean


# ---------------------------------------------------------------------- capacity


def _capacity(plan: Plan, usage: Floats, normal_share: Floats) -> Iterator[Caution]:
    """Sources and makers that cannot give what is wanted of them, and buyers whose lanes cannot carry it.

    Of several recipes none need give all.
    """
    lanes = plan.lanes
    share = lanes.capacity_share_of_usage
    of_usage = np.where(np.isinf(share), np.inf, np.where(np.isinf(share), 0.0, share) * usage[lanes.buyer])
    carried = np.minimum(lanes.capacity_per_day, of_usage)
    wanted = usage - _kept_back(plan, usage, normal_share, carried)
    of_point = np.minimum(plan.points.capacity_per_day, plan.points.recipe_capacity_per_day)
    needed = np.where(plan.points.supply == Supply.MADE, wanted / plan.points.yield_share, wanted)
    too_little = (of_point < ENOUGH * needed) & (plan.points.alternative_of < 0)
    for point in np.flatnonzero(too_little).tolist():
        path = f"stock_points.{plan.labels.points[point]}"
        yield Caution(path, _too_little("can give", of_point[point], needed[point], "its capacity_per_day"))
    for point in np.flatnonzero((plan.points.supply == Supply.BOUGHT) & (usage > 0.0)).tolist():
        inbound = [lane for lane in plan.inbound[point].tolist() if not lanes.is_substitute[lane]]
        most = float(carried[inbound].sum()) if inbound else np.inf
        if most < ENOUGH * usage[point]:
            path = f"stock_points.{plan.labels.points[point]}"
            yield Caution(path, _too_little("its lanes can bring", most, usage[point], "their capacity"))


def _kept_back(plan: Plan, usage: Floats, normal_share: Floats, carried: Floats) -> Floats:
    """``[point]`` planned usage that never reaches it, because its lanes carry less."""
    lanes, kept_back = plan.lanes, np.zeros(len(usage))
    planned = normal_share * usage[lanes.buyer]
    np.add.at(kept_back, lanes.supplier, np.maximum(0.0, planned - carried) * lanes.units_per_original)
    return kept_back


def _too_little(does: str, capacity: float, wanted: float, what: str) -> str:
    found = (
        f"{does} {capacity:.4g} a day, of {wanted:.4g} wanted in the loss window ({capacity / wanted:.0%})"
    )
    return f"{found}; raise {what}, lower demand, or add a supplier"


# ---------------------------------------------------------------------- cover


def _cover(plan: Plan, usage: Floats, normal_share: Floats) -> Iterator[Caution]:
    """Stock points whose customers wait even if every day is as planned."""
    covered = _covered(plan, usage)
    passing = _days_until_filled(plan, normal_share, covered)
    needed = np.sum(list(passing.values()), axis=0)
    for point in np.flatnonzero(covered < ENOUGH * needed).tolist():
        if len(plan.streams_at[point]):
            days = {what: of_points[point] for what, of_points in passing.items() if of_points[point] > 0.0}
            path = f"stock_points.{plan.labels.points[point]}.policy"
            yield Caution(path, _too_short(covered[point], days))


def _too_short(covered: float, days: dict[str, float]) -> str:
    needed, parts = sum(days.values()), " and ".join(f"{part:.4g} {what}" for what, part in days.items())
    cover = f"{covered:.4g} {'day' if covered == 1.0 else 'days'}"
    found = f"stock and orders cover {cover} of planned usage, but it is filled again after {needed:.4g}"
    remedy = "raise cover_days or units, which count what is under way, here or at its suppliers"
    return f"{found} ({parts}); {remedy}"


def _covered(plan: Plan, usage: Floats) -> Floats:
    """``[point]`` days of planned usage that its position covers at least after a review; infinite: any."""
    points, per_day = plan.points, np.where(usage > 0.0, usage, 1.0)
    days = LevelDays(
        up_to=points.cover_days + points.units / per_day,
        reorder_at=points.reorder_cover_days + points.reorder_units / per_day,
        review=points.review_days,
    )
    covered = np.full(len(usage), np.inf)
    for code, policy in POLICIES.items():
        covered = np.where((points.policy == code) & (usage > 0.0), policy.days_covered(days), covered)
    return covered


def _days_until_filled(plan: Plan, normal_share: Floats, covered: Floats) -> dict[str, Floats]:
    """``[point]`` days from an order to the receipt of all of it, by what takes them.

    A stock point that covers less than these is late by the rest, and those that it supplies wait for it.
    """
    lead_time = np.where(plan.points.supply == Supply.MADE, np.rint(plan.points.process_days), 0.0)
    of_lanes = np.array([lead_time.mean_days for lead_time in plan.lead_times])
    np.add.at(lead_time, plan.lanes.buyer, normal_share * of_lanes)
    ordering = np.zeros(len(covered))
    np.add.at(ordering, plan.lanes.buyer, normal_share * np.rint(plan.lanes.order_lead_time_days))
    review = plan.points.review_days - 1.0
    late, suppliers = np.zeros(len(covered)), np.zeros(len(covered))
    for point in plan.order.tolist():
        inbound, inputs = plan.inbound[point], plan.edges.point[plan.inputs_of[point]]
        suppliers[point] = (normal_share[inbound] * late[plan.lanes.supplier[inbound]]).sum()
        suppliers[point] += late[inputs].max(initial=0.0)
        filled_after = lead_time[point] + ordering[point] + review[point] + suppliers[point]
        late[point] = max(0.0, filled_after - covered[point])
    return {
        "of lead time": lead_time,
        "until orders reach suppliers": ordering,
        "to the next review": review,
        "until suppliers have stock": suppliers,
    }
