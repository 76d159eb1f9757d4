"""Dual index: two order-up-to levels, for what arrives soon and for all that is on order."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.fields import ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.policies.dual_sourcing import DualSourcing
from sim.scenario.quantities import Amount, Days


class DualIndex(DualSourcing):
    """Expedite up to one level of what arrives in time, then order regularly up to a level of everything."""

    code: ClassVar = PolicyKind.DUAL_INDEX
    called: ClassVar[str | None] = "a dual_index policy"

    kind: Literal["dual_index"]
    units: Amount = Field(ZERO, description="Order-up-to level of the whole position, in units.")
    cover_days: Days = Field(ZERO, description="The same in days of planned usage (added to units).")
    expedited_units: Amount = Field(
        ZERO,
        description="Order-up-to level of the expedited position: with what arrives within the expedited "
        "lead time, without what arrives later.",
    )
    expedited_cover_days: Days = Field(
        ZERO, description="The same in days of planned usage (added to expedited_units)."
    )

    @classmethod
    def has_reorder_level(cls) -> bool:
        """The expedited level is a second one."""
        return True

    @property
    def reorder_units(self) -> Amount:
        """The plan keeps the expedited level as the lower of two."""
        return self.expedited_units

    @property
    def reorder_cover_days(self) -> Days:
        """The same in days of planned usage."""
        return self.expedited_cover_days

    def inconsistencies(self, path: Path) -> Iterator[Finding]:
        """The expedited level is above that of the whole position."""
        units = self.expedited_units.support[0] - self.units.support[1]
        cover = self.expedited_cover_days.support[0] - self.cover_days.support[1]
        if min(units, cover) >= 0 and max(units, cover) > 0:
            yield Finding(path, "the expedited level is above that of the whole position, allowed: up to it")
