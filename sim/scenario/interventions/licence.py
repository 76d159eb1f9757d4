"""Licences, which let goods through a ban."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.covers import lane_called, lanes_covered
from sim.scenario.fields import ONE, UNLIMITED, ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.end_user_ban import EndUserBan
from sim.scenario.interventions.relief import Relief
from sim.scenario.quantities import AnyQuantity, Days, DaysOrNever, Limit, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Lane, Scenario

QUOTAS = ("quota_units_per_year", "quota_value_per_year")
TERMS = (
    "valid_days",
    "renewal_probability",
    "renewal_processing_days",
    "revocation_probability_per_year",
    *QUOTAS,
)
"""What each supplier's licence has for itself, once it is granted."""


class LicenceRegime(Relief):
    """Lets a share of normal volume through a ban, to suppliers whose application is granted.

    They apply `delay_days` after `date` or `after`, and wait for `processing_days`.
    """

    called: ClassVar[str] = "a licence"

    kind: Literal["licence"]
    processing_days: Days = Field(ZERO, description="Days from the application to the grant.")
    grant_probability: Share = Field(ONE, description="Probability of a grant, drawn once per supplier.")
    volume_share: Share = Field(ONE, description="Share of planned volume that the licence allows.")
    valid_days: DaysOrNever = Field(UNLIMITED, description="Days from a grant until it expires.")
    renewal_probability: Share = Field(
        ZERO, description="Probability, per supplier and expiry, that a licence is granted again."
    )
    renewal_processing_days: Days = Field(
        ZERO, description="Days from an expiry until the licence is granted again."
    )
    revocation_probability_per_year: Share = Field(
        ZERO, description="Probability per year, per supplier, that a licence is revoked for good; below 1."
    )

    quota_units_per_year: Limit = Field(
        UNLIMITED,
        description="Units, the supplier's, that each may sell under its licence in a licence year.",
    )
    quota_value_per_year: Limit = Field(
        UNLIMITED, description="Value at list prices that each supplier may sell in a licence year."
    )

    @model_validator(mode="after")
    def _has_possible_terms(self) -> Self:
        shortest = self.valid_days.support[0]
        if shortest < 1.0:
            raise ValueError(f"valid_days: found {shortest:g}, allowed: 1 or more")
        likeliest = self.revocation_probability_per_year.support[1]
        if likeliest >= 1.0:
            raise ValueError(
                f"revocation_probability_per_year: found {likeliest:g}, allowed: below 1; "
                "to end all licences on a day, use a lifting"
            )
        terms = ("renewal_probability", "renewal_processing_days")
        renewing = [name for name in terms if getattr(self, name).support[1] > 0.0]
        if renewing and "valid_days" not in self.model_fields_set:
            raise ValueError(f"{renewing[0]} needs valid_days, as what never expires is not renewed")
        return self

    @property
    def waits(self) -> tuple[AnyQuantity, ...]:
        """The delay until suppliers apply, and how long they wait for the grant."""
        return (*super().waits, self.processing_days)

    @property
    def has_quota(self) -> bool:
        """Whether it limits what each supplier may sell in a year."""
        return any(self.says(quota) for quota in QUOTAS)

    @property
    def is_held(self) -> bool:
        """Whether each supplier's licence has terms of its own."""
        return any(self.says(term) for term in TERMS)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It relieves nobody, or its quota cannot be counted."""
        yield from super().misdirected(path, reach)
        if self.has_quota:
            yield from self._miscounted(path, reach.scenario)

    def _miscounted(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        """What it covers cannot be counted on one quota for each supplier."""
        quota = next(name for name in QUOTAS if self.says(name))
        for name in self.relieves:
            if isinstance(scenario.interventions[name], EndUserBan):
                allowed = "rules that close lanes, as a quota counts what is ordered on them"
                yield Finding((*path, quota), f"relieves of {name}, an end_user_ban; allowed: {allowed}")
                return
        lanes = {name: lane_called(scenario, name) for name in lanes_covered(scenario, self.covers)}
        for name, lane in lanes.items():
            if lane.subsidiary_share.support[1] > 0.0:
                allowed = "lanes without subsidiary_share, as what subsidiaries send needs no licence"
                yield Finding(
                    (*path, quota),
                    f"covers lane {name}, of which subsidiaries send a part; allowed: {allowed}",
                )
                break
        for other, entry in scenario.interventions.items():
            if other != path[-1] and isinstance(entry, Relief):
                both = [name for name in lanes_covered(scenario, entry.covers) if name in lanes]
                counts_too = isinstance(entry, LicenceRegime) and entry.has_quota
                if both and (counts_too or not set(entry.relieves).isdisjoint(self.relieves)):
                    allowed = "no other licence or exception for a lane where one has a quota"
                    yield Finding((*path, quota), f"{other} covers lane {both[0]} too; allowed: {allowed}")
                    break
        if self.says("quota_units_per_year"):
            yield from self._of_other_units(path, scenario, lanes)

    def _of_other_units(
        self, path: Path, scenario: "Scenario", lanes: dict[str, "Lane"]
    ) -> Iterator[Finding]:
        """A supplier's lanes carry what is not counted in the same unit."""
        unit: dict[str, str] = {}
        for lane in lanes.values():
            point = scenario.stock_points[lane.supplier]
            found = scenario.items[point.item].unit
            if unit.setdefault(point.firm, found) != found:
                message = (
                    f"{point.firm} sells {unit[point.firm]} and {found}; allowed: lanes that carry one unit"
                )
                yield Finding((*path, "quota_units_per_year"), message)
                return
