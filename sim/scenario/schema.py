"""What a user may write in a scenario file.

The objects are those of ``docs/model.md``. Collections are mappings from an id to an object, so a
variant that extends a file can override any field by name.
"""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.distributions import Documented, Frozen
from sim.scenario.fields import (
    MAX_DAYS,
    ONE,
    UNLIMITED,
    ZERO,
    Country,
    Date,
    FirmRef,
    Id,
    InterventionRef,
    ItemRef,
    MarketRef,
    StockPointRef,
    Text,
)
from sim.scenario.interventions import Intervention
from sim.scenario.quantities import Amount, Days, DaysOrNever, Limit, Number, Share

FORMAT_VERSION = 1
MAX_INTERVENTIONS = 200


class Calendar(Frozen):
    """The days that are simulated."""

    start: Date = Field(dt.date(2000, 1, 1), description="First simulated day.")
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
        if self.length_days > (dt.date.max - self.start).days:
            raise ValueError(f"the calendar ends after {dt.date.max}")
        return self

    @property
    def length_days(self) -> int:
        """Number of simulated days."""
        if self.end is not None:
            return (self.end - self.start).days + 1
        return self.days or 0

    @property
    def last_day(self) -> dt.date:
        """Last simulated day."""
        return self.start + dt.timedelta(days=self.length_days - 1)


class Analysis(Frozen):
    """What the headline figures measure."""

    shock: InterventionRef | None = Field(
        None,
        description="The intervention from which the loss is counted; default: the first marked as shock.",
    )
    window_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        None,
        description="Length of the loss window from the shock; default: 365, or fewer if the calendar ends.",
    )
    makers: list[FirmRef] | None = Field(
        None, description="Firms whose losses are the headline; default: all firms that sell to a market."
    )
    recovery_tolerance: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        0.02, description="Sales within this share of the counterfactual count as recovered."
    )


class Firm(Documented):
    """A legal party."""

    name: Text
    country: Country = Field(description="ISO 3166 code of the country of jurisdiction.")
    revenue_per_year: Amount | None = Field(
        None,
        description="Own total revenue per year, in the scenario's currency, to express a loss as a share.",
    )
    engineers: Limit = Field(UNLIMITED, description="Engineers who can qualify substitutes at the same time.")


class Item(Documented):
    """A component class or a product."""

    name: Text
    unit: Text = Field(description="Unit of quantity, for example 'thousand pieces'.")
    kind: Literal["component", "product"] = "component"
    controlled_content_share: Share = Field(
        ONE, description="Share of controlled content by value, unless a lane says otherwise."
    )
    export_class: Text | None = Field(None, description="Export-control class that a ban can name.")


class Market(Documented):
    """Where products are sold."""

    name: Text
    country: Country
    buyer: Literal["government", "private"] = "private"


class BaseStock(Frozen):
    """Order up to a target: `units` plus the planned usage of the next `cover_days`."""

    kind: Literal["base_stock"]
    units: Amount = ZERO
    cover_days: Days = ZERO
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = Field(
        1, description="Days from one review to the next."
    )


class ReorderUpTo(Frozen):
    """(s, S): when the inventory position is at or below s, order up to S."""

    kind: Literal["s_S"]
    reorder_units: Amount = Field(ZERO, description="s in units.")
    reorder_cover_days: Days = Field(ZERO, description="s in days of planned usage (added to reorder_units).")
    units: Amount = Field(ZERO, description="S in units.")
    cover_days: Days = Field(ZERO, description="S in days of planned usage (added to units).")
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1


class ReorderQuantity(Frozen):
    """(r, Q): when the inventory position is at or below r, order as many batches Q as lift it above r."""

    kind: Literal["r_Q"]
    reorder_units: Amount = Field(ZERO, description="r in units.")
    reorder_cover_days: Days = Field(ZERO, description="r in days of planned usage (added to reorder_units).")
    batch_units: Amount = Field(description="Q, the batch size in units.")
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1

    @model_validator(mode="after")
    def _orders_something(self) -> Self:
        if self.batch_units.support[0] <= 0.0:
            raise ValueError("batch_units must be above 0")
        return self


Policy = Annotated[BaseStock | ReorderUpTo | ReorderQuantity, Field(discriminator="kind")]


class StockPoint(Documented):
    """A firm's stock of one item: the node of the network."""

    firm: FirmRef
    item: ItemRef
    policy: Policy | None = Field(
        None, description="How it orders; a stock point without supply is a source and has none."
    )
    initial_on_hand: Amount | None = Field(
        None, description="Stock on the first day; default: the policy's target."
    )
    capacity_per_day: Limit = Field(
        UNLIMITED, description="Units per day a source can supply or a maker can start."
    )
    holding_cost_per_unit_day: Amount = ZERO
    unit_cost: Amount | None = Field(
        None, description="Cost at which the stock is valued; default: from lane prices and recipes."
    )
    sourcing: Literal["share", "rank"] = Field(
        "share", description="How an order is split over the open lanes."
    )
    allocation: Literal["proportional", "priority", "fixed_order"] = Field(
        "proportional", description="How scarce stock is shared over lanes, recipes and streams."
    )
    controlled_technology: list[Country] = Field(
        default=[], description="Countries whose controlled technology makes it, for direct-product rules."
    )


class Recipe(Documented):
    """Turns input stock points of one firm into an output stock point."""

    output: StockPointRef
    inputs: Annotated[dict[StockPointRef, Amount], Field(min_length=1)] = Field(
        description="Bill of materials: units of each input stock point for one unit of output."
    )
    process_days: Days = ZERO
    capacity_per_day: Limit = UNLIMITED
    yield_share: Share = Field(ONE, description="Share of started units that come out good.")
    conversion_cost: Amount = Field(ZERO, description="Cost per unit beside the inputs.")
    priority: int = Field(1, description="1 is served first where an input shares by priority.")

    @model_validator(mode="after")
    def _yields_something(self) -> Self:
        if self.yield_share.support[0] <= 0.0:
            raise ValueError("yield_share must be above 0")
        return self


class Lane(Documented):
    """Supplier's stock point to buyer's stock point."""

    supplier: StockPointRef
    buyer: StockPointRef
    lead_time_days: Days = Field(
        ZERO, description="Days in transit; a distribution is drawn for each shipment."
    )
    order_crossing: bool = Field(False, description="Whether a later shipment may overtake an earlier one.")
    price: Amount = Field(ZERO, description="Price per unit, in the scenario's currency.")
    capacity_per_day: Limit = UNLIMITED
    capacity_share_of_usage: Limit = Field(
        UNLIMITED, description="Capacity as a share of the buyer's planned usage."
    )
    share: Share = Field(ONE, description="Weight in the buyer's order split.")
    rank: Annotated[int, Field(ge=1)] = Field(
        1, description="1 is asked first where the buyer sources by rank."
    )
    priority: int = Field(1, description="1 is served first where the supplier allocates by priority.")
    controlled_content_share: Share | None = Field(None, description="Overrides the item's.")
    controlled_by: Country | None = Field(
        None, description="Country that controls the content; default: the supplier's."
    )
    subsidiary_share: Share = Field(
        ZERO, description="Share of planned volume that can come from subsidiaries outside the jurisdiction."
    )


class Trigger(Frozen):
    """What starts the qualification of a substitute."""

    intervention: InterventionRef | None = Field(
        None, description="Starts when this intervention takes effect."
    )
    date: Date | None = None
    cover_below_days: Days | None = Field(
        None, description="Starts when the buyer's stock covers fewer days of planned usage than this."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [self.intervention is not None, self.date is not None, self.cover_below_days is not None]
        if sum(given) != 1:
            raise ValueError("give exactly one of intervention, date, cover_below_days")
        return self


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


class Demand(Documented):
    """One market's demand for one product."""

    stock_point: StockPointRef
    market: MarketRef
    mean_per_day: Amount = Field(
        description="Mean units per day on the first simulated day, before seasonality."
    )
    growth_per_year: Number = ZERO
    seasonality: list[Amount] = Field(
        default=[], description="Factors of the four quarters or the twelve months; empty: none."
    )
    process: Literal["constant", "gamma", "poisson", "negative_binomial", "normal"] = Field(
        "gamma", description="Distribution of one day's demand."
    )
    dispersion: Amount = Field(
        ZERO, description="Variance of a day's demand over its mean, in units (a Poisson process has 1)."
    )
    price: Amount = Field(description="Price per unit, in the scenario's currency.")
    patience_days: DaysOrNever = Field(
        UNLIMITED, description="Mean days a customer waits: 0 lost sale, .inf backorder."
    )
    priority: int = 1

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
    start: Date = Field(description="First day of the period; for a stock, the day of the balance sheet.")
    end: Date = Field(description="Last day of the period.")
    value: float = Field(description="In the scenario's currency.", allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        return self


class Scenario(Frozen):
    """A whole scenario: the network, what its markets ask, and what happens to it."""

    chokepoint: Literal[1] = Field(description="Version of the file format.")
    name: Id
    title: Text
    description: Text | None = None
    question: Text | None = Field(None, description="The question that the scenario answers, for the report.")
    currency: Text = Field(description="Unit of all prices and costs, for example 'RMB million'.")
    calendar: Calendar
    analysis: Analysis = Analysis()
    firms: Annotated[dict[Id, Firm], Field(min_length=1)]
    items: Annotated[dict[Id, Item], Field(min_length=1)]
    markets: dict[Id, Market] = {}
    stock_points: Annotated[dict[Id, StockPoint], Field(min_length=1)]
    recipes: dict[Id, Recipe] = {}
    lanes: dict[Id, Lane] = {}
    substitutes: dict[Id, Substitute] = {}
    demand: dict[Id, Demand] = {}
    interventions: Annotated[dict[Id, Intervention], Field(max_length=MAX_INTERVENTIONS)] = {}
    observations: dict[Id, Observation] = {}
