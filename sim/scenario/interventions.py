"""What may happen to a network: dated rules of law and acts of commerce, and whom they cover."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.distributions import Documented, Frozen
from sim.scenario.fields import (
    ONE,
    ZERO,
    Country,
    Day,
    DemandRef,
    FirmRef,
    InterventionRef,
    ItemRef,
    LaneRef,
    MarketRef,
    StockPointRef,
    Text,
)
from sim.scenario.quantities import Amount, Days, DaysOrNever, Share, fixed


class LaneCover(Frozen):
    """Which lanes: all that match every list given."""

    suppliers: list[FirmRef] | None = None
    supplier_countries: list[Country] | None = None
    supplier_points: list[StockPointRef] | None = None
    buyers: list[FirmRef] | None = None
    buyer_countries: list[Country] | None = None
    buyer_points: list[StockPointRef] | None = None
    items: list[ItemRef] | None = None
    export_classes: list[Text] | None = None
    lanes: list[LaneRef] | None = None


class PointCover(Frozen):
    """Which stock points: all that match every list given."""

    firms: list[FirmRef] | None = None
    countries: list[Country] | None = None
    items: list[ItemRef] | None = None
    stock_points: list[StockPointRef] | None = None


class StreamCover(Frozen):
    """Which demand streams: all that match every list given."""

    sellers: list[FirmRef] | None = None
    items: list[ItemRef] | None = None
    markets: list[MarketRef] | None = None
    countries: list[Country] | None = None
    buyer: Literal["government", "private"] | None = None
    demand: list[DemandRef] | None = None


class Dated(Documented):
    """A dated rule of law or act of commerce."""

    title: Text
    date: Day | None = Field(None, description="Day it takes effect (or give `after`).")
    after: InterventionRef | None = Field(
        None, description="Takes effect only when, and after, this one does."
    )
    delay_days: Days = Field(ZERO, description="Added to `date`, or to the start of `after`.")
    probability: Share = Field(ONE, description="Probability that it happens at all.")
    end: Day | None = Field(None, description="First day on which it no longer holds.")
    duration_days: DaysOrNever | None = Field(None, description="Days for which it holds (or give `end`).")
    shock: bool = Field(False, description="Absent in the counterfactual.")

    @model_validator(mode="after")
    def _has_a_start(self) -> Self:
        if (self.date is None) == (self.after is None):
            raise ValueError("give either date or after")
        if self.end is not None and self.duration_days is not None:
            raise ValueError("give either end or duration_days, not both")
        return self


class Restriction(Dated):
    """Closes lanes."""

    jurisdiction: Country | None = Field(
        None, description="Covers lanes whose content this country controls."
    )
    covers: LaneCover
    in_transit: Literal["delivered", "turned_back"] = Field(
        "delivered", description="Whether goods under way arrive (savings clause) or return."
    )
    over_compliance_probability: Share = Field(
        ZERO, description="Probability, per supplier, that lanes just outside the rule close as well."
    )


class ExportBan(Restriction):
    """No exports to the buyers without a licence."""

    kind: Literal["export_ban"]
    de_minimis_share: Share = Field(
        fixed(0.25), description="Controlled content at or above which a lane is covered."
    )


class Retaliation(Restriction):
    """Another country's answer: a ban on its own exports."""

    kind: Literal["retaliation"]
    de_minimis_share: Share = ZERO


class DirectProductRule(Restriction):
    """Covers what is made with a country's technology, whatever its content and wherever it is made."""

    kind: Literal["direct_product_rule"]
    jurisdiction: Country = Field(
        description="Covers what is made with this country's controlled technology."
    )


class LicenceRegime(Dated):
    """Lets a share of normal volume through a ban, from `delay_days` after `date` or `after`."""

    kind: Literal["licence"]
    relieves: Annotated[list[InterventionRef], Field(min_length=1)]
    covers: LaneCover = LaneCover()
    grant_probability: Share = Field(ONE, description="Probability of a grant, drawn once per supplier.")
    volume_share: Share = Field(ONE, description="Share of planned volume that the licence allows.")


class MarketClosure(Dated):
    """A market buys nothing any more from the sellers covered."""

    kind: Literal["market_closure"]
    covers: StreamCover


class ProcurementBan(Dated):
    """Part of a market's buyers may not buy from the sellers covered."""

    kind: Literal["procurement_ban"]
    covers: StreamCover
    demand_share: Share = Field(description="Share of the streams' demand that is barred.")
    ramp_days: Days = ZERO


class DemandShift(Dated):
    """Multiplies demand by a factor."""

    kind: Literal["demand_shift"]
    covers: StreamCover
    factor: Amount
    ramp_days: Days = ZERO


class Markov(Frozen):
    """A process that goes down and comes back at random, day by day; it is up before it begins."""

    mean_days_to_failure: Days = Field(description="MTTF: up, it goes down with 1 / MTTF a day.")
    mean_days_to_recover: Days = Field(description="MTTR: down, it comes back with 1 / MTTR a day.")

    @model_validator(mode="after")
    def _lasts_a_day(self) -> Self:
        for name in ("mean_days_to_failure", "mean_days_to_recover"):
            shortest = getattr(self, name).support[0]
            if shortest < 1.0:
                raise ValueError(f"{name}: found {shortest:g}, allowed: 1 or more")
        return self


class Recurrent(Dated):
    """Holds all the time, or on and off while it lasts."""

    markov: Markov | None = Field(
        None, description="Goes down and comes back at random while it lasts; default: down throughout."
    )
    common_cause: bool = Field(
        True, description="Whether one draw takes down all that is covered, or each goes down on its own."
    )


class Disruption(Recurrent):
    """Pauses orders, shipments, transit or receipts on lanes, and on what leads to stock points."""

    kind: Literal["disruption"]
    pauses: Literal["orders", "shipments", "transit", "receipts"]
    lanes: LaneCover | None = None
    stock_points: PointCover | None = Field(
        None, description="Stands for the lanes that end at them, or the recipes that make them."
    )

    @model_validator(mode="after")
    def _covers_something(self) -> Self:
        if self.lanes is None and self.stock_points is None:
            raise ValueError("give lanes or stock_points")
        return self


class CapacityLoss(Recurrent):
    """Takes a share of the capacity of stock points; it returns over `recovery_days` after the end."""

    kind: Literal["capacity_loss"]
    covers: PointCover
    lost_share: Share = ONE
    recovery_days: Days = ZERO

    @model_validator(mode="after")
    def _recovers_in_one_way(self) -> Self:
        if self.markov is not None and self.recovery_days.support[1] > 0.0:
            raise ValueError("give either markov or recovery_days, not both")
        return self


class Stockpiling(Dated):
    """Raises the targets of stock points; the targets climb over `ramp_days`."""

    kind: Literal["stockpiling"]
    covers: PointCover
    extra_cover_days: Days = ZERO
    target_factor: Amount = ONE
    ramp_days: Days = ZERO


class PriceChange(Dated):
    """Multiplies prices on lanes, or of demand streams."""

    kind: Literal["price_change"]
    lanes: LaneCover | None = None
    streams: StreamCover | None = None
    factor: Amount

    @model_validator(mode="after")
    def _covers_something(self) -> Self:
        if self.lanes is None and self.streams is None:
            raise ValueError("give lanes or streams")
        return self


class Lifting(Dated):
    """Ends other interventions."""

    kind: Literal["lifting"]
    lifts: Annotated[list[InterventionRef], Field(min_length=1)]


Intervention = Annotated[
    ExportBan
    | Retaliation
    | DirectProductRule
    | LicenceRegime
    | MarketClosure
    | ProcurementBan
    | DemandShift
    | Disruption
    | CapacityLoss
    | Stockpiling
    | PriceChange
    | Lifting,
    Field(discriminator="kind"),
]
