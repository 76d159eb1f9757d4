"""Tailored base surge: a standing order on the regular lane, base stock on the expedited one."""

from typing import ClassVar, Literal

from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.fields import ZERO
from sim.scenario.policies.dual_sourcing import DualSourcing
from sim.scenario.quantities import Amount, Days


class TailoredBaseSurge(DualSourcing):
    """The same regular order at each review; what is missing of the expedited position is expedited."""

    code: ClassVar = PolicyKind.TAILORED_BASE_SURGE
    called: ClassVar[str | None] = "a tailored_base_surge policy"

    kind: Literal["tailored_base_surge"]
    standing_units: Amount = Field(description="Units ordered on the regular lane at each review.")
    units: Amount = Field(
        ZERO,
        description="Order-up-to level of the expedited position: with what arrives within the expedited "
        "lead time, without what arrives later.",
    )
    cover_days: Days = Field(ZERO, description="The same in days of planned usage (added to units).")
