"""The compiled model: names have become indices, numbers have become arrays.

A :class:`Plan` is what both engines run. It holds no name that an engine could act on; the labels are
there so that results can be told in the words of the scenario. Every number that is uncertain is an
:class:`Input`: :meth:`Plan.with_inputs` writes one replication's samples into the arrays.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kinds import HOLDS_UP as HOLDS_UP
from sim.kinds import DemandProcess as DemandProcess
from sim.kinds import Effect as Effect
from sim.kinds import ForecastKind as ForecastKind
from sim.kinds import Operation as Operation
from sim.kinds import Pause as Pause
from sim.kinds import PolicyKind as PolicyKind
from sim.kinds import Ramp as Ramp
from sim.kinds import Sourcing as Sourcing
from sim.kinds import Supply as Supply
from sim.scenario.quantities import AnyQuantity

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Numbers = Callable[[str, str], Floats]
"""The numbers of a group's field in a plan: of one replication, or ``[..., replication]`` of a block."""

NEVER = np.iinfo(np.int64).max // 4
"""A day that no simulation reaches."""

CHANCES = "chances"
"""The group of cells that belong to the draws of a replication and not to its plan."""


def rounded_days(days: Floats) -> Ints:
    """Whole days; what is longer than all time is so long that any day and it are beyond :data:`NEVER`.

    Examples
    --------
    >>> rounded_days(np.array([0.4, 2.0])), -9 + rounded_days(np.array([np.inf])) > NEVER
    (array([0, 2]), array([ True]))
    """
    return np.rint(np.minimum(days, 2.0 * NEVER)).astype(np.int64)


def codes(values: Iterable[int]) -> Ints:
    """Places, days and members of enumerations as an array.

    Examples
    --------
    >>> codes([3, Supply.MADE])
    array([3, 2])
    """
    return np.fromiter(values, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Labels:
    """Ids of the scenario, in the order of the indices."""

    firms: tuple[str, ...]
    items: tuple[str, ...]
    markets: tuple[str, ...]
    points: tuple[str, ...]
    lanes: tuple[str, ...]
    streams: tuple[str, ...]
    demand_factors: tuple[str, ...]
    interventions: tuple[str, ...]
    processes: tuple[str, ...]
    makers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of indices, one list a row, stored end to end (compressed sparse rows)."""

    start: Ints
    index: Ints

    def __getitem__(self, row: int) -> Ints:
        """Indices in the row."""
        return self.index[self.start[row] : self.start[row + 1]]


@dataclass(frozen=True, slots=True)
class Points:
    """Stock points, in file order; one entry each, with the recipe that makes it if there is one.

    A negative ``initial_on_hand`` means the policy's target; an infinite ``unit_cost`` means that it
    follows from lane prices and recipes. ``yield_share`` is the expected one. ``initial_work_in_process``
    is ``[point, day]``. ``reorder_units`` and ``reorder_cover_days`` are of the lower of two levels, from
    which on is ordered, or of the expedited position. ``regular_lane`` and ``expedited_lane`` belong to
    policies that order on two lanes (-1: others). ``balanced_with`` is a stock point (-1: none),
    ``balance_ratio`` what is needed of this one for a unit of that one, ``balance_days`` by how many days
    its stock is farther from the product. ``forecast_days`` are those of a moving average or of a season
    (0: neither).
    ``shelf_life_days`` is 0 where stock does not age.
    ``alternative_of`` is the output of which it is a line: one of several recipes that make it (-1: none).
    """

    firm: Ints
    item: Ints
    supply: Ints
    level: Ints
    sourcing: Ints
    policy: Ints
    review_days: Ints
    reorder_units: Floats
    reorder_cover_days: Floats
    units: Floats
    cover_days: Floats
    batch_units: Floats
    max_batches: Floats
    standing_units: Floats
    regular_lane: Ints
    expedited_lane: Ints
    balanced_with: Ints
    balance_ratio: Floats
    balance_days: Ints
    forecast: Ints
    forecast_days: Ints
    level_smoothing: Floats
    trend_smoothing: Floats
    season_smoothing: Floats
    shelf_life_days: Ints
    alternative_of: Ints
    initial_on_hand: Floats
    capacity_per_day: Floats
    holding_cost_per_unit_day: Floats
    carrying_share_per_day: Floats
    backorder_cost_per_unit_day: Floats
    order_cost: Floats
    unit_cost: Floats
    salvage_value_per_unit: Floats
    recipe_capacity_per_day: Floats
    process_days: Floats
    yield_share: Floats
    conversion_cost: Floats
    minimum_order_units: Floats
    order_multiple_units: Floats
    initial_waiting: Floats
    initial_work_in_process: Floats


@dataclass(frozen=True, slots=True)
class Edges:
    """Recipe inputs: one entry for each (input stock point, made stock point)."""

    point: Ints
    made: Ints
    units: Floats


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes in file order, then substitutes in file order; one entry each.

    ``initial_in_transit`` is ``[lane, day]``: units that arrive on day 0, 1, and so on.
    """

    supplier: Ints
    buyer: Ints
    order_crossing: Bools
    order_lead_time_days: Floats
    price: Floats
    in_transit_cost_per_unit_day: Floats
    initial_backlog: Floats
    initial_in_transit: Floats
    minimum_order_units: Floats
    order_multiple_units: Floats
    capacity_per_day: Floats
    capacity_share_of_usage: Floats
    share: Floats
    rank: Ints
    controlled_content_share: Floats
    subsidiary_share: Floats
    units_per_original: Floats
    price_penalty: Floats
    performance_penalty: Floats
    is_substitute: Bools


@dataclass(frozen=True, slots=True)
class Substitutes:
    """What a substitute has beside its lane; one entry each.

    ``after_substitute`` is the substitute that must be qualified first (-1: none), or with ``after_ramp``
    have come to the end of its ramp.
    """

    lane: Ints
    trigger_intervention: Ints
    trigger_day: Ints
    after_substitute: Ints
    after_ramp: Bools
    cover_below_days: Floats
    qualification_lag_days: Floats
    ramp_days: Floats
    ramp: Ints
    engineer_days: Floats
    qualification_cost: Floats
    firm: Ints


@dataclass(frozen=True, slots=True)
class Streams:
    """Demand streams in file order; one entry each. ``observations`` are empty but for observed processes.

    ``switches`` says whether lost customers switch, ``switches_to`` to which stream (-1: none); otherwise the
    numbers of switching are those by which nobody does.
    """

    point: Ints
    market: Ints
    process: Ints
    mean_per_day: Floats
    growth_per_year: Floats
    seasonality: Floats
    dispersion: Floats
    price: Floats
    patience_days: Floats
    lost_sale_cost_per_unit: Floats
    initial_backorders: Floats
    controlled_content_share: Floats
    switches: Bools
    switches_to: Ints
    switching_share: Floats
    repurchase_days: Floats
    switching_half_life_days: Floats
    observations: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class DemandFactors:
    """What moves the level of demand; one entry each, and one for each stream that a factor moves.

    The half-life of a random walk is infinite; a level moves on the days after ``start``. ``loaded_factor``
    and ``loaded_stream`` say which factor moves the log level of which stream, ``loading`` by how much,
    factor by factor.
    """

    start: Ints
    volatility_per_year: Floats
    half_life_days: Floats
    loaded_factor: Ints
    loaded_stream: Ints
    loading: Floats


@dataclass(frozen=True, slots=True)
class Interventions:
    """Dated rules and acts; one entry each. Times are in days from the first simulated day.

    ``mean_days_to_failure`` and ``mean_days_to_recover`` belong to those that go on and off at random.
    ``operation`` says what a change makes of a number (-1: it changes none), with ``to``, ``add`` or
    ``factor``.
    """

    day: Ints
    after: Ints
    end_day: Ints
    withdrawal_day: Ints
    shock: Bools
    turns_back: Bools
    operation: Ints
    delay_days: Floats
    probability: Floats
    duration_days: Floats
    to: Floats
    add: Floats
    factor: Floats
    demand_share: Floats
    lost_share: Floats
    on_hand_share: Floats
    work_in_process_share: Floats
    in_transit_share: Floats
    target_factor: Floats
    extra_cover_days: Floats
    ramp_days: Floats
    recovery_days: Floats
    mean_days_to_failure: Floats
    mean_days_to_recover: Floats
    de_minimis_share: Floats
    over_compliance_probability: Floats
    foreign_over_compliance_probability: Floats
    halt_probability: Floats
    grant_probability: Floats
    volume_share: Floats
    processing_days: Floats
    valid_days: Floats
    renewal_probability: Floats
    renewal_processing_days: Floats
    revocation_probability_per_year: Floats
    quota_units_per_year: Floats
    quota_value_per_year: Floats
    withdrawal_probability: Floats
    rate: Floats
    passed_on_share: Floats


@dataclass(frozen=True, slots=True)
class Effects:
    """One entry for each (intervention, target): what it does to which lane, point or stream.

    ``relieved`` is the restricting intervention that a licence relieves (else -1); ``just_outside``
    marks lanes that close only by over-compliance, ``abroad`` those where a rule has no power, ``by_itself``
    those that suppliers close of their own accord; ``ignores_content`` those a direct-product rule covers;
    ``pause`` is what a disruption holds up (else -1); ``process`` the process of going down and coming back
    that switches it on and off (else -1); ``grant`` the supplier's own licence (else -1).
    """

    kind: Ints
    intervention: Ints
    target: Ints
    relieved: Ints
    just_outside: Bools
    abroad: Bools
    by_itself: Bools
    ignores_content: Bools
    pause: Ints
    process: Ints
    grant: Ints


@dataclass(frozen=True, slots=True)
class Grants:
    """Licences with terms of their own: one entry for each (licence, supplier whose lanes it relieves)."""

    intervention: Ints
    firm: Ints
    has_quota: Bools


@dataclass(frozen=True, slots=True)
class Claims:
    """Rank of each claim on its stock point's stock, from 0: lower is served first, equals share by need."""

    lane: Ints
    stream: Ints
    edge: Ints


@dataclass(frozen=True, slots=True)
class Observations:
    """Reported figures: revenue of days ``first`` to ``last``, or the value of stock on day ``last``.

    Where not ``is_whole``, only the sales to its ``streams`` and over its ``lanes`` count.
    """

    firm: Ints
    is_revenue: Bools
    first: Ints
    last: Ints
    is_whole: Bools
    streams: tuple[Ints, ...]
    lanes: tuple[Ints, ...]


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Whole days in transit: ``cumulative[k]`` is the probability of at most ``shortest_days + k``."""

    shortest_days: int
    cumulative: Floats

    @property
    def mean_days(self) -> float:
        """The mean: E[X] is the sum of P(X > k)."""
        return self.shortest_days + float((1.0 - self.cumulative).sum())


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an input's sample goes: one entry of an array of a plan, or of its draws (:data:`CHANCES`)."""

    group: str
    field: str
    index: tuple[int | slice, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """An uncertain number: its path in the scenario, its distribution, and the cells it fills."""

    path: str
    quantity: AnyQuantity
    cells: tuple[Cell, ...]

    @property
    def cells_of_plan(self) -> tuple[Cell, ...]:
        """Those that are no draws."""
        return tuple(cell for cell in self.cells if cell.group != CHANCES)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the uncertain inputs are sampled.

    Attributes
    ----------
    method
        A key of :data:`sim.montecarlo.sampling.METHODS`.
    correlated
        Inputs that hang together.
    factor
        ``[correlated, correlated]`` lower Cholesky factor of the correlations of the normal numbers that
        their ranks are taken from.
    """

    method: str
    correlated: Ints
    factor: Floats


INDEPENDENT = Sampling("random", np.empty(0, dtype=np.int64), np.empty((0, 0)))
"""Nothing hangs together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario as arrays.

    Attributes
    ----------
    days
        Number of simulated days.
    start
        Calendar date of day 0.
    order
        Stock points from the sources down to the customers (topological order).
    inbound, outbound, streams_at, inputs_of, uses_of
        For each point: lanes in, lanes out, streams served, edges into its recipe, edges out of its stock.
    lead_times
        For each lane, the distribution of a shipment's lead time.
    yields
        For each point, the distribution of a batch's yield, if it is random.
    process_intervention
        For each process of going down and coming back, the intervention that it belongs to.
    engineers, revenue_per_year, fixed_cost_per_day
        For each firm (infinite: no limit; not known).
    shock
        The intervention from whose start the loss is counted; -1 if there is none.
    window_days, recovery_tolerance
        How long the loss is counted; how near to the counterfactual counts as recovered.
    tells_bullwhip
        Whether it is measured how much orders vary.
    keeps_cash
        Whether it is kept, week by week, how much money comes in and goes out; belongs to accounts.
    maker_of_firm, keeps_account, margin_leads
        For each firm its place among the makers, whose losses are the headline (else -1); several firms
        may be one maker. Whether accounts of the makers are kept, and margin told; whether the loss of it
        leads, and not that of revenue.
    inputs, sampling
        The uncertain numbers, and how they are sampled.
    """

    days: int
    start: dt.date
    labels: Labels
    points: Points
    edges: Edges
    lanes: Lanes
    substitutes: Substitutes
    streams: Streams
    demand_factors: DemandFactors
    interventions: Interventions
    effects: Effects
    grants: Grants
    claims: Claims
    observations: Observations
    order: Ints
    inbound: Ragged
    outbound: Ragged
    streams_at: Ragged
    inputs_of: Ragged
    uses_of: Ragged
    lead_times: tuple[LeadTime, ...]
    yields: tuple[AnyQuantity | None, ...]
    process_intervention: Ints
    engineers: Floats
    revenue_per_year: Floats
    fixed_cost_per_day: Floats
    shock: int
    window_days: int
    maker_of_firm: Ints
    tells_bullwhip: bool
    keeps_account: bool
    keeps_cash: bool
    margin_leads: bool
    recovery_tolerance: float
    inputs: tuple[Input, ...]
    sampling: Sampling

    @property
    def is_trade(self) -> Bools:
        """``[lane]`` whether it leads from one firm to another: within itself a firm sells nothing."""
        trade: Bools = self.points.firm[self.lanes.supplier] != self.points.firm[self.lanes.buyer]
        return trade

    @property
    def maker_of_point(self) -> Ints:
        """``[point]`` place of its firm among the makers (else -1)."""
        makers: Ints = self.maker_of_firm[self.points.firm]
        return makers

    @property
    def maker_of_stream(self) -> Ints:
        """``[stream]`` place of the seller among the makers (else -1)."""
        makers: Ints = self.maker_of_point[self.streams.point]
        return makers

    @property
    def is_within_maker(self) -> Bools:
        """``[lane]`` whether both its ends are of one firm, or of one maker: on it nothing is sold."""
        seller, buyer = (self.maker_of_point[end] for end in (self.lanes.supplier, self.lanes.buyer))
        is_within: Bools = ~self.is_trade | ((seller == buyer) & (seller >= 0))
        return is_within

    @property
    def seller_labels(self) -> tuple[str, ...]:
        """For each firm what it is called as a seller: its maker, or itself."""
        makers, firms = self.labels.makers, zip(self.labels.firms, self.maker_of_firm.tolist(), strict=True)
        return tuple(makers[maker] if maker >= 0 else name for name, maker in firms)

    @property
    def sold_to_firms(self) -> Ints:
        """Lanes on which the makers sell to other firms, ascending."""
        return np.flatnonzero(~self.is_within_maker & (self.maker_of_point[self.lanes.supplier] >= 0))

    @property
    def bought_by_makers(self) -> Ints:
        """Stock points at which the makers hold what they buy from other firms, ascending."""
        is_bought = ~self.is_within_maker & (self.maker_of_point[self.lanes.buyer] >= 0)
        return np.unique(self.lanes.buyer[is_bought])

    @property
    def ordering_points(self) -> Ints:
        """Stock points that order what they hold, ascending; recipes of an output are none by themselves."""
        points = self.points
        orders = (points.supply != Supply.SOURCE) & (points.policy != PolicyKind.NONE)
        return np.flatnonzero(orders & (points.alternative_of < 0))

    @property
    def lines(self) -> Ints:
        """Stock points that stand for one of several recipes of an output, ascending."""
        return np.flatnonzero(self.points.alternative_of >= 0)

    def with_inputs(self, samples: Floats) -> "Plan":
        """The plan of one replication: each uncertain number replaced by its sample.

        Parameters
        ----------
        samples
            One number for each of `inputs`, in their order and units.
        """
        changed: dict[str, dict[str, Any]] = {}
        for item, sample in zip(self.inputs, samples, strict=True):
            for cell in item.cells_of_plan:
                fields = changed.setdefault(cell.group, {})
                if cell.field not in fields:
                    fields[cell.field] = getattr(self._group(cell.group), cell.field).copy()
                fields[cell.field][cell.index] = sample
        own = changed.pop("", {})
        groups = {name: dataclasses.replace(self._group(name), **fields) for name, fields in changed.items()}
        return dataclasses.replace(self, **groups, **own)

    def _group(self, name: str) -> Any:
        return getattr(self, name) if name else self

    def numbers(self, group: str, field: str) -> Floats:
        """The plan's own :data:`Numbers`."""
        values: Floats = getattr(self._group(group), field)
        return values

    def date_of(self, day: int) -> dt.date:
        """Calendar date of a day index."""
        return self.start + dt.timedelta(days=day)
