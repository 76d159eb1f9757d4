"""What a user may write in a scenario file.

The objects are those of ``docs/model.md``. Collections are mappings from an id to an object, so a
variant that extends a file can override any field by name.
"""

import datetime as dt
import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.scenario.days import DEFAULT_START, with_dates
from sim.scenario.demand_factors import DemandFactor
from sim.scenario.distributions import Documented, Finite, Frozen
from sim.scenario.fields import (
    LATEST,
    MAX_DAYS,
    ONE,
    UNLIMITED,
    ZERO,
    Country,
    Date,
    Day,
    FirmRef,
    Id,
    InterventionRef,
    ItemRef,
    LaneRef,
    MakerRef,
    MarketRef,
    Name,
    StockPointRef,
    SubstituteRef,
    Text,
)
from sim.scenario.forecasts import Forecast
from sim.scenario.interventions import Intervention
from sim.scenario.levers import MAX_LEVERS, Lever, Mitigation
from sim.scenario.policies import Policy
from sim.scenario.quantities import (
    Amount,
    AnyQuantity,
    Days,
    DaysOrNever,
    Limit,
    Number,
    Share,
    fixed,
)
from sim.scenario.settings import Settings
from sim.scenario.switching import Switching

MAX_INTERVENTIONS = 200
MAX_ALTERNATIVES = 20
MAX_CORRELATIONS = 1000
MAX_INITIAL_DAYS = 1000
MAX_NEEDS = 20


class Calendar(Frozen):
    """The days that are simulated."""

    start: Date = Field(DEFAULT_START, description="First simulated day.")
    end: Date | None = Field(None, description="Last simulated day (or give `days`).")
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        None, description="Number of simulated days."
    )

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if (self.end is None) == (self.days is None):
            raise ValueError("give either end or days")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if self.length_days > MAX_DAYS:
            raise ValueError(f"the calendar has {self.length_days} days, allowed: up to {MAX_DAYS}")
        if self.length_days > (LATEST - self.start).days:
            raise ValueError(f"the calendar ends after {LATEST}")
        return self

    @property
    def length_days(self) -> int:
        """Number of simulated days."""
        if self.end is not None:
            return (self.end - self.start).days + 1
        return self.days or 0

    def shown(self, date: dt.date) -> str:
        """A day as the scenario tells days: a date, or its index where the calendar has no start."""
        return str(date) if "start" in self.model_fields_set else f"day {(date - self.start).days}"

    def shown_day(self, index: int) -> str:
        """A day by its index, as :meth:`shown`; as an index too where it is later than all dates."""
        try:
            return self.shown(self.start + dt.timedelta(index))
        except OverflowError:
            return f"day {index:g}"

    @property
    def last_day(self) -> dt.date:
        """Last simulated day."""
        return self.start + dt.timedelta(days=self.length_days - 1)


class Correlation(Documented):
    """Two uncertain numbers that tend to be high together, or one high where the other is low."""

    between: Annotated[list[Text], Field(min_length=2, max_length=2)] = Field(
        description="The paths of two distributions, such as 'lanes.parts.lead_time_days'."
    )
    rank_correlation: Annotated[float, Field(gt=-1.0, lt=1.0)] = Field(
        description="Spearman's rank correlation of their samples."
    )


class Group(Documented):
    """Firms that are reported as one maker."""

    name: Name
    firms: Annotated[list[FirmRef], Field(min_length=1)] = Field(
        description="Its members; what they sell to each other is no revenue of the group."
    )


class TopMakers(Frozen):
    """Makers by rule: those that sell most to markets."""

    top: Annotated[int, Field(ge=1)] = Field(description="Number of makers.")
    by: Literal["revenue"] = Field(
        "revenue", description="By what: mean demand times price of all streams, a day, if nothing happens."
    )


Makers = Annotated[
    list[MakerRef],
    Field(min_length=1),
    BeforeValidator(
        lambda raw: raw, json_schema_input_type=Annotated[list[MakerRef], Field(min_length=1)] | TopMakers
    ),
]
"""Firms and groups: in a file a list, or a rule, which becomes a list when the file is read."""


class AnalysisSettings(Frozen):
    """What the headline figures measure."""

    shock: InterventionRef | None = Field(
        None,
        description="The intervention from which the loss is counted; default: the first marked as shock.",
    )
    window_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        None,
        description="Length of the loss window from the shock; default: 365, or fewer if the calendar ends.",
    )
    groups: dict[Id, Group] = Field(
        default={}, description="Firms that are reported as one, by an id that no firm has."
    )
    makers: Makers | None = Field(
        None,
        description="Firms or groups whose losses are the headline, each a seller to markets or to other "
        "firms; default: all groups, and all firms in none, that sell to a market.",
    )
    headline: Literal["revenue", "margin"] = Field(
        "revenue",
        description="Which loss leads, in runs and in all analyses: of revenue, or of contribution margin; "
        "margin keeps accounts.",
    )
    account: bool | None = Field(
        None,
        description="Whether the accounts of the makers are kept, from revenue to result; "
        "default: where margin leads.",
    )
    bullwhip: bool = Field(
        default=False, description="Whether it is told how much more orders vary than demand."
    )
    recovery_tolerance: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        0.02, description="Sales within this share of the counterfactual count as recovered."
    )
    sampling: Literal["sobol", "latin_hypercube", "random"] = Field(
        "sobol", description="How uncertain numbers are sampled over the replications."
    )
    correlations: Annotated[list[Correlation], Field(max_length=MAX_CORRELATIONS)] = Field(
        default=[], description="Uncertain numbers that hang together; all others are independent."
    )

    @property
    def keeps_account(self) -> bool:
        """Whether the accounts of the makers are kept."""
        return self.headline == "margin" or bool(self.account)

    @model_validator(mode="after")
    def _has_what_leads(self) -> Self:
        if self.headline == "margin" and self.account is False:
            raise ValueError("headline margin needs the account; leave account out, or let revenue lead")
        return self


class FailureRates(Frozen):
    """How often nodes of a stress test fail as a whole, in failures a year."""

    firms: dict[FirmRef, Amount] = Field(default={}, description="Of suppliers.")
    countries: dict[Country, Amount] = Field(default={}, description="Of countries.")
    items: dict[ItemRef, Amount] = Field(default={}, description="Of components.")
    lanes: dict[LaneRef, Amount] = Field(default={}, description="Of lanes and substitutes.")


class Stress(Frozen):
    """What a stress test needs beside the network: when its nodes fail, and for how long they stay down."""

    date: Day | None = Field(None, description="Day on which a node fails; default: the shock's planned day.")
    ttr_days: Days = Field(
        fixed(90.0), description="Time to recover (TTR) of every node that is not named below."
    )
    firms: dict[FirmRef, Days] = Field(default={}, description="TTR of suppliers.")
    countries: dict[Country, Days] = Field(default={}, description="TTR of countries.")
    items: dict[ItemRef, Days] = Field(default={}, description="TTR of components.")
    lanes: dict[LaneRef, Days] = Field(default={}, description="TTR of lanes and substitutes.")
    rates_per_year: FailureRates = Field(
        FailureRates(), description="How often nodes fail; without it no loss a year is told of them."
    )


class Firm(Documented):
    """A legal party."""

    name: Name
    country: Country = Field(
        description="ISO 3166 code of the country of jurisdiction; its stock points stand there unless they "
        "say otherwise."
    )
    revenue_per_year: Amount | None = Field(
        None,
        description="Own total revenue per year, in the scenario's currency, to express a loss as a share.",
    )
    engineers: Limit = Field(UNLIMITED, description="Engineers who can qualify substitutes at the same time.")
    fixed_cost_per_day: Amount = Field(
        ZERO, description="Paid every day, whatever is sold; part of the result, not of the margin."
    )


class Item(Documented):
    """A component class or a product."""

    name: Name
    unit: Name = Field(description="Unit of quantity, for example 'thousand pieces'.")
    kind: Literal["component", "product", "resource"] = Field(
        "component", description="A resource is time of machines or people, which nobody can store or ship."
    )
    controlled_content_share: Share = Field(
        ONE, description="Share of controlled content by value, unless a lane says otherwise."
    )
    export_class: Text | None = Field(None, description="Export-control class that a ban can name.")


class Market(Documented):
    """Where products are sold."""

    name: Name
    country: Country
    buyer: Literal["government", "private"] = "private"


class Lots(Frozen):
    """In what lots something is ordered."""

    minimum_order_units: Amount = Field(ZERO, description="An order is raised to at least this.")
    order_multiple_units: Amount = Field(
        ZERO, description="An order is raised to a whole multiple of this; 0: any quantity."
    )


class StockPoint(Documented):
    """A firm's stock of one item: the node of the network."""

    firm: FirmRef
    item: ItemRef
    country: Country | None = Field(
        None, description="ISO 3166 code of the country in which it stands; default: the firm's."
    )
    policy: Policy | None = Field(
        None, description="How it orders; a stock point without supply is a source and has none."
    )
    forecast: Forecast | None = Field(
        None, description="How it learns what will be asked of it; default: it knows planned usage."
    )
    initial_on_hand: Amount | None = Field(
        None, description="Stock on the first day; default: the policy's target, 0 without one."
    )
    capacity_per_day: Limit = Field(
        UNLIMITED, description="Units per day a source can supply or a maker can start."
    )
    shelf_life_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        None, description="Days on which a unit can be used, that of its receipt included; default: for ever."
    )
    salvage_value_per_unit: Amount = Field(
        ZERO, description="What a unit is sold for that reaches the end of its shelf life."
    )
    holding_cost_per_unit_day: Amount = ZERO
    backorder_cost_per_unit_day: Amount = Field(
        ZERO, description="Charged on every unit that a lane, a recipe or a customer waits for."
    )
    order_cost: Amount = Field(ZERO, description="Fixed cost of a day's order, whatever its size.")
    unit_cost: Amount | None = Field(
        None, description="Cost at which the stock is valued; default: from lane prices and recipes."
    )
    sourcing: Literal["share", "rank"] = Field(
        "share", description="How an order is split over the open lanes, or over the recipes that make it."
    )
    allocation: Literal["proportional", "priority", "fixed_order"] = Field(
        "proportional", description="How scarce stock is shared over lanes, recipes and streams."
    )
    controlled_technology: list[Country] = Field(
        default=[], description="Countries whose controlled technology makes it, for direct-product rules."
    )


class Trigger(Frozen):
    """What starts the qualification of a substitute."""

    intervention: InterventionRef | None = Field(
        None, description="Starts when this intervention takes effect."
    )
    date: Day | None = None
    cover_below_days: Days | None = Field(
        None, description="Starts when the buyer's stock covers fewer days of planned usage than this."
    )
    after_substitute: SubstituteRef | None = Field(
        None, description="Starts on the day after this one is qualified, or at the end of its ramp."
    )
    once: Literal["qualified", "ramped"] = Field(
        "qualified", description="How far the substitute before must have come."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        names = ("intervention", "date", "cover_below_days", "after_substitute")
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(f"give exactly one of {', '.join(names)}")
        if self.after_substitute is None and self.once == "ramped":
            raise ValueError("once: ramped belongs to after_substitute")
        return self


class Recipe(Documented, Lots):
    """Turns input stock points of one firm into an output stock point, which other recipes may make too."""

    output: StockPointRef
    inputs: Annotated[dict[StockPointRef, Amount], Field(min_length=1)] = Field(
        description="Bill of materials: units of each input stock point for one unit of output."
    )
    process_days: Days = ZERO
    capacity_per_day: Limit = UNLIMITED
    yield_share: Share = Field(
        ONE,
        description="Share of started units that come out good; a distribution is drawn for each start.",
    )
    initial_waiting: Amount = Field(ZERO, description="Units ordered before the first day, not yet started.")
    initial_work_in_process: Annotated[list[Amount], Field(max_length=MAX_INITIAL_DAYS)] = Field(
        default=[], description="Good units that are finished on the first day, the second, and so on."
    )
    conversion_cost: Amount = Field(ZERO, description="Cost per unit beside the inputs.")
    priority: int = Field(1, description="The lowest is served first where an input shares by priority.")
    rank: Annotated[int, Field(ge=1)] = Field(
        1, description="Of several recipes by rank, 1 is taken first; what it cannot start goes to the next."
    )
    share: Share = Field(ONE, description="Of several recipes by share, the weight in the output's orders.")
    capacity_share_of_usage: Limit = Field(
        UNLIMITED, description="Of several recipes, capacity as a share of the output's planned usage."
    )
    performance_penalty: Share = Field(
        ZERO, description="Share of the product's price that customers deduct for what it makes."
    )
    trigger: Trigger | None = Field(
        None, description="What starts its qualification; default: it is qualified from the first day on."
    )
    qualification_lag_days: Days = ZERO
    ramp_days: Days = ZERO
    ramp: Literal["linear", "logistic"] = "linear"
    engineer_days: Amount = Field(ZERO, description="Engineering effort, taken from the firm's engineers.")

    @model_validator(mode="after")
    def _yields_something(self) -> Self:
        if self.yield_share.support[0] <= 0.0:
            raise ValueError("yield_share must be above 0")
        return self


class Lane(Documented, Lots):
    """Supplier's stock point to buyer's stock point."""

    supplier: StockPointRef
    buyer: StockPointRef
    lead_time_days: Days = Field(
        ZERO, description="Days in transit; a distribution is drawn for each shipment."
    )
    order_crossing: bool = Field(False, description="Whether a later shipment may overtake an earlier one.")
    order_lead_time_days: Days = Field(
        ZERO, description="Days until an order reaches the supplier; a distribution is drawn once."
    )
    price: Amount = Field(ZERO, description="Price per unit, in the scenario's currency.")
    in_transit_cost_per_unit_day: Amount = ZERO
    initial_backlog: Amount = Field(ZERO, description="Units ordered before the first day, not yet shipped.")
    initial_in_transit: Annotated[list[Amount], Field(max_length=MAX_INITIAL_DAYS)] = Field(
        default=[], description="Units that arrive on the first day, the second, and so on."
    )
    capacity_per_day: Limit = UNLIMITED
    capacity_share_of_usage: Limit = Field(
        UNLIMITED, description="Capacity as a share of the buyer's planned usage."
    )
    share: Share = Field(ONE, description="Weight in the buyer's order split.")
    rank: Annotated[int, Field(ge=1)] = Field(
        1, description="1 is asked first where the buyer sources by rank."
    )
    priority: int = Field(
        1, description="The lowest is served first where the supplier allocates by priority."
    )
    controlled_content_share: Share | None = Field(None, description="Overrides the item's.")
    controlled_by: Country | None = Field(
        None,
        description="Country that controls the content; default: that in which the supplier's stock point "
        "stands.",
    )
    subsidiary_share: Share = Field(
        ZERO, description="Share of planned volume that can come from subsidiaries outside the jurisdiction."
    )


class Substitute(Lane):
    """A lane that opens late: after a trigger, a qualification and a ramp."""

    trigger: Trigger
    qualification_lag_days: Days
    ramp_days: Days = ZERO
    ramp: Literal["linear", "logistic"] = "linear"
    units_per_original: Amount = Field(ONE, description="Units that replace one unit of the original.")
    price_penalty: Amount = Field(ZERO, description="Share by which a unit costs more than `price`.")
    performance_penalty: Share = Field(
        ZERO,
        description="Share of the product's price that customers deduct for the substitute.",
    )
    engineer_days: Amount = Field(
        ZERO, description="Engineering effort, taken from the buyer firm's engineers."
    )
    qualification_cost: Amount = Field(
        ZERO, description="Paid by the buyer's firm on the day on which the substitute is qualified."
    )


class Column(Frozen):
    """A column of a CSV file with a header row; the file's path is seen from the scenario file."""

    file: Text
    column: Text
    dates: Text | None = Field(
        None, description="Column of the dates; default: the first that holds dates, if there is one."
    )
    gaps: Literal["zero", "left_out"] | None = Field(
        None,
        description="What a day without a row means: nothing was wanted, or (empirical demand only) nobody "
        "knows; default: no day may be missing.",
    )
    match_calendar: bool = Field(
        True, description="Whether listed demand with dates has a row for every simulated day."
    )


Series = Annotated[
    list[Annotated[Finite, Field(ge=0.0)]],
    Field(min_length=1, max_length=MAX_DAYS),
    BeforeValidator(lambda raw: raw, json_schema_input_type=list[Finite] | Column),
]
"""Observed numbers: in a file a list, or a column of another file that takes its place when it is read."""


class Demand(Documented):
    """One market's demand for one product."""

    stock_point: StockPointRef
    market: MarketRef
    mean_per_day: Amount | None = Field(
        None,
        description="Mean units per day on the first simulated day, before seasonality; "
        "default: the mean of the observations.",
    )
    growth_per_year: Number = ZERO
    seasonality: list[Amount] = Field(
        default=[], description="Factors of the four quarters or the twelve months; empty: none."
    )
    process: Literal["constant", "gamma", "poisson", "negative_binomial", "normal", "listed", "empirical"] = (
        Field("gamma", description="Distribution of one day's demand.")
    )
    observations: Series | None = Field(
        None,
        description="Units of one day after another: `listed` takes them in turn, `empirical` at random.",
    )
    dispersion: Amount = Field(
        ZERO, description="Variance of a day's demand over its mean, in units (a Poisson process has 1)."
    )
    price: Amount = Field(description="Price per unit, in the scenario's currency.")
    patience_days: DaysOrNever = Field(
        UNLIMITED, description="Mean days a customer waits: 0 lost sale, .inf backorder."
    )
    lost_sale_cost_per_unit: Amount = Field(ZERO, description="Beside the revenue that is lost.")
    controlled_content_share: Share | None = Field(
        None, description="Of what is sold, for bans on buyers; overrides the item's."
    )
    controlled_by: Country | None = Field(
        None, description="Country that controls the content of what is sold; default: where it is sold from."
    )
    switching: Switching | None = Field(
        None, description="What customers who left unserved do later; default: they ask again as ever."
    )
    initial_backorders: Amount = Field(ZERO, description="Customers who wait before the first day, in units.")
    priority: int = 1

    @property
    def mean(self) -> AnyQuantity:
        """Mean units per day on the first simulated day, as given or as observed."""
        if self.mean_per_day is not None:
            return self.mean_per_day
        observed = self.observations or [0.0]
        return fixed(math.fsum(observed) / len(observed))

    @model_validator(mode="after")
    def _has_a_mean(self) -> Self:
        observed = self.process in ("listed", "empirical")
        if observed != (self.observations is not None):
            raise ValueError("observations belong to the processes listed and empirical, which need them")
        if not observed and self.mean_per_day is None:
            raise ValueError("mean_per_day is missing")
        noisy = [self.growth_per_year.support, self.dispersion.support] != [(0.0, 0.0)] * 2
        if self.process == "listed" and (self.seasonality or noisy):
            raise ValueError("listed demand is taken as it is: allowed: no growth, seasonality or dispersion")
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len(self.seasonality) not in (0, 4, 12):
            raise ValueError(
                f"seasonality has {len(self.seasonality)} factors, allowed: 4 (quarters) or 12 (months)"
            )
        if self.process == "poisson" and self.dispersion.support not in ((0.0, 0.0), (1.0, 1.0)):
            raise ValueError("a Poisson process has dispersion 1; for more, use negative_binomial")
        if self.process == "negative_binomial" and self.dispersion.support[0] <= 1.0:
            raise ValueError("a negative binomial process needs a dispersion above 1")
        if self.growth_per_year.support[0] <= -1.0:
            raise ValueError("growth_per_year must be above -1")
        return self


class Observation(Documented):
    """A figure that was reported, shown beside the simulated one and never used by the simulation."""

    measure: Literal["revenue", "inventory_value"]
    firm: FirmRef
    items: list[ItemRef] = Field(default=[], description="Products whose sales count; default: all.")
    markets: list[MarketRef] = Field(
        default=[], description="Markets whose purchases count; default: all, and other firms."
    )
    start: Day = Field(description="First day of the period; for a stock, the day of the balance sheet.")
    end: Day = Field(description="Last day of the period.")
    published: Day | None = Field(None, description="Day on which the figure became known.")
    value: float = Field(description="In the scenario's currency.", allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if self.published is not None and self.published < self.end:
            raise ValueError(f"published {self.published} is before the end of its period, {self.end}")
        if self.measure != "revenue" and (self.items or self.markets):
            raise ValueError("items and markets narrow revenue down; allowed: neither, for a stock")
        return self


class Alternative(Documented):
    """What could be done: settings that are laid over the file, and what they cost."""

    title: Name
    settings: Settings = Field(
        default={},
        alias="set",
        description="Values by their dotted path, as with --set; empty: as the file stands.",
    )
    cost: Amount = Field(
        ZERO, description="What it costs beside all that the scenario has a price for; its mean counts."
    )


class Decision(Documented):
    """Alternatives, of which the one with which the maker earns most on average is best."""

    title: Name
    alternatives: Annotated[dict[Id, Alternative], Field(min_length=2, max_length=MAX_ALTERNATIVES)]


class Claim(Documented):
    """What a view of the world claims, who claimed it, and what must be true for it."""

    statement: Text = Field(description="The claim, in a sentence.")
    by: Text = Field(description="Who claimed it, and when.")
    needs: Annotated[list[Text], Field(min_length=1, max_length=MAX_NEEDS)] = Field(
        description="What must be true for it: the assumptions that set this view apart."
    )


class Scenario(Frozen):
    """A whole scenario: the network, what its markets ask, and what happens to it."""

    chokepoint: Literal[1] = Field(description="Version of the file format.")
    name: Id
    title: Name
    description: Text | None = None
    question: Text | None = Field(None, description="The question that the scenario answers, for the report.")
    claim: Claim | None = Field(None, description="The claim that the scenario puts into numbers, if any.")
    currency: Name = Field(description="Unit of all prices and costs, for example 'RMB million'.")
    calendar: Calendar
    analysis: AnalysisSettings = AnalysisSettings()
    stress: Stress | None = Field(None, description="What `chokepoint stress` assumes; default: 90 days.")
    firms: Annotated[dict[Id, Firm], Field(min_length=1)]
    items: Annotated[dict[Id, Item], Field(min_length=1)]
    markets: dict[Id, Market] = {}
    stock_points: Annotated[dict[Id, StockPoint], Field(min_length=1)]
    recipes: dict[Id, Recipe] = {}
    lanes: dict[Id, Lane] = {}
    substitutes: dict[Id, Substitute] = {}
    demand: dict[Id, Demand] = {}
    demand_factors: dict[Id, DemandFactor] = {}
    interventions: Annotated[dict[Id, Intervention], Field(max_length=MAX_INTERVENTIONS)] = {}
    observations: dict[Id, Observation] = {}
    decision: Decision | None = Field(
        None, description="What is to be decided; `chokepoint sensitivity` says what to find out first."
    )
    levers: Annotated[dict[Id, Lever], Field(max_length=MAX_LEVERS)] = Field(
        default={}, description="What can be done; `chokepoint sweep` says what each level of it is worth."
    )
    mitigation: Mitigation | None = Field(
        None, description="Whose result levers are to serve, what its stock costs, and what must be kept to."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_day_indices(cls, raw: Any) -> Any:
        return with_dates(raw)
