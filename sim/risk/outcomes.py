"""What is kept of a replication: the measures of ``docs/glossary.md``, as small arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from sim.engines.bullwhip import NUMBERS
from sim.engines.costing import CHANGES, ENTRIES
from sim.engines.flows import followed_of
from sim.engines.rules import WEEK
from sim.engines.spending import COST_KINDS
from sim.model.causes import Causes, component_count
from sim.model.facts import taxed_lanes
from sim.model.plan import Floats, Ints, Plan
from sim.model.tiers import groups_of


def _none() -> Floats:
    """What stands for figures that are not kept."""
    return np.empty(0)


@dataclass(frozen=True, slots=True)
class Courses:
    """Week by week, from the first simulated day; the twin axis holds the scenario, then the counterfactual.

    Attributes
    ----------
    kept
        The arrays by their names; what is not there is empty. Those of a batch that is kept in files are read
        when they are asked for and not held: who needs one twice gives it a name.
    """

    kept: Mapping[str, Floats]

    def _named(self, name: str) -> Floats:
        return self.kept[name] if name in self.kept else _none()

    @property
    def revenue(self) -> Floats:
        """``[twin, maker, week]``."""
        return self._named("revenue")

    @property
    def stock(self) -> Floats:
        """``[twin, bought, week]`` units on hand at the end of the week.

        The stock points are the plan's ``bought_by_makers``.
        """
        return self._named("stock")

    @property
    def usage(self) -> Floats:
        """``[bought, week]`` planned usage on that day."""
        return self._named("usage")

    @property
    def attribution(self) -> Floats:
        """``[maker, component, week]`` loss; components are the items, then demand; zero before the shock."""
        return self._named("attribution")

    @property
    def made(self) -> Floats:
        """``[twin, line, week]`` good units that each of several recipes for one output has finished.

        The lines are the plan's ``lines``.
        """
        return self._named("made")

    @property
    def cover(self) -> Floats:
        """``[twin, group, week]`` days of planned usage that the stock of a tier or plant lasts.

        At the end of the week, each stock point by what it is worth; the groups are those of sim.model.tiers.
        """
        return self._named("cover")

    @property
    def slack(self) -> Floats:
        """``[twin, group, week]`` share of the capacity of a tier or plant that is not used in the week.

        Each stock point counts alike; the groups are those of sim.model.tiers.
        """
        return self._named("slack")

    @property
    def flow(self) -> Floats:
        """``[twin, link, week]`` value at list prices that firms ship to each other, less what turns back.

        The links and their weeks are those of sim.engines.flows.followed_of.
        """
        return self._named("flow")

    @property
    def margin(self) -> Floats:
        """As revenue, of contribution margin, where accounts are kept."""
        return self._named("margin")

    @property
    def margin_attribution(self) -> Floats:
        """As attribution, of contribution margin, where accounts are kept.

        What margin is lost through beside the components (sim.engines.costing.CHANGES) follows them.
        """
        return self._named("margin_attribution")

    @property
    def cash(self) -> Floats:
        """``[twin, maker, week]`` what the maker earns less the change in the value of its stock.

        Where the plan keeps it.
        """
        return self._named("cash")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The measures of one replication; in a batch, each has a leading replication axis.

    The twin axis holds the scenario, then the counterfactual. Money is in the scenario's currency; the
    window runs from the shock for the plan's ``window_days``; days count from the shock, NaN is never.

    Attributes
    ----------
    shock_day
        Day index of the shock (its planned day if it does not happen in this replication).
    stream_revenue, stream_units
        ``[twin, stream]`` in the window.
    lane_value
        ``[twin, lane]`` purchases in the window, at what the buyer pays.
    cost
        ``[twin, kind, maker]`` in the window; the kinds are those of sim.engines.spending.COST_KINDS.
    first_lost_sales_days, time_to_adapt_days
        ``[maker]``.
    run_out_days
        ``[point]`` first day on which a stock has run out and in the counterfactual has not.
    attribution
        ``[maker, cause]`` loss in the window.
    normal_service
        ``[maker]`` share of the window's demand that the counterfactual sells, at its prices; NaN without
        demand.
    observed
        ``[observation]`` what the scenario gives for each reported figure.
    start, end
        ``[intervention]`` day indices; NaN is never.
    duty
        ``[twin, who bears it, taxed lane]`` in the window, where there are tariffs; buyers, then sellers.
    bullwhip
        ``[twin, number, ordering point]`` in the window, where it is asked for; the numbers are those of
        sim.engines.bullwhip.NUMBERS, the stock points the plan's ``ordering_points``.
    account
        ``[twin, entry, maker]`` in the window, where accounts are kept, as all that follows; the entries are
        those of sim.engines.costing.ENTRIES.
    stream_cost
        ``[twin, stream]`` cost of the goods sold in the window.
    margin_attribution
        ``[maker, cause]`` loss of contribution margin in the window; what it is lost through beside the
        causes (sim.engines.costing.CHANGES) follows them.
    """

    shock_day: Ints
    stream_revenue: Floats
    stream_units: Floats
    lane_value: Floats
    cost: Floats
    first_lost_sales_days: Floats
    time_to_adapt_days: Floats
    run_out_days: Floats
    attribution: Floats
    normal_service: Floats
    observed: Floats
    start: Floats
    end: Floats
    duty: Floats = field(default_factory=_none)
    bullwhip: Floats = field(default_factory=_none)
    account: Floats = field(default_factory=_none)
    stream_cost: Floats = field(default_factory=_none)
    margin_attribution: Floats = field(default_factory=_none)

    def among(self, replications: range) -> "Outcome":
        """Those of some replications of a batch, one after the other: views of its arrays."""
        some = slice(replications.start, replications.stop)
        return Outcome(**{each.name: getattr(self, each.name)[some] for each in fields(self)})


@dataclass(frozen=True, slots=True)
class Measured:
    """What is kept of a replication, or of a batch: there each array has a leading replication axis.

    The courses of a batch are those of its first replications, at most
    :data:`sim.montecarlo.results.COURSES`.
    """

    outcome: Outcome
    courses: Courses


def shapes_of(plan: Plan) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Shapes of the arrays of one replication of a plan, by the names of their fields: outcome, courses."""
    makers, streams, weeks = len(plan.labels.makers), len(plan.streams.point), plan.days // WEEK
    interventions, bought = (len(plan.interventions.day),), len(plan.bought_by_makers)
    outcome = {
        "shock_day": (),
        "stream_revenue": (2, streams),
        "stream_units": (2, streams),
        "lane_value": (2, len(plan.lanes.supplier)),
        "cost": (2, len(COST_KINDS), makers),
        "first_lost_sales_days": (makers,),
        "time_to_adapt_days": (makers,),
        "run_out_days": (len(plan.points.firm),),
        "attribution": (makers, Causes.of(plan).count),
        "normal_service": (makers,),
        "observed": (len(plan.observations.firm),),
        "start": interventions,
        "end": interventions,
    }
    courses = {
        "revenue": (2, makers, weeks),
        "stock": (2, bought, weeks),
        "usage": (bought, weeks),
        "attribution": (makers, component_count(plan), weeks),
    }
    if len(plan.lines):
        courses["made"] = (2, len(plan.lines), weeks)
    told = groups_of(plan)
    for name, groups in (("cover", told.stocked), ("slack", told.limited)):
        if groups and weeks:
            courses[name] = (2, len(groups), weeks)
    followed = followed_of(plan)
    if followed.links and followed.weeks:
        courses["flow"] = (2, len(followed.links), followed.weeks)
    taxed = len(taxed_lanes(plan))
    if taxed:
        outcome["duty"] = (2, 2, taxed)
    if plan.tells_bullwhip:
        outcome["bullwhip"] = (2, len(NUMBERS), len(plan.ordering_points))
    if plan.keeps_account:
        outcome |= {
            "account": (2, len(ENTRIES), makers),
            "stream_cost": (2, streams),
            "margin_attribution": (makers, Causes.of(plan).count + len(CHANGES)),
        }
        courses |= {
            "margin": (2, makers, weeks),
            "margin_attribution": (makers, component_count(plan) + len(CHANGES), weeks),
        }
    if plan.keeps_cash:
        courses["cash"] = (2, makers, weeks)
    return outcome, courses
