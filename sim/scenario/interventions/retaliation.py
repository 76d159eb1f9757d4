"""A ban that answers another."""

from typing import Literal

from sim.scenario.fields import ZERO
from sim.scenario.interventions.restriction import Restriction
from sim.scenario.quantities import AnyQuantity, Share


class Retaliation(Restriction):
    """Another country's answer: a ban on its own exports."""

    kind: Literal["retaliation"]
    de_minimis_share: Share = ZERO

    @property
    def threshold(self) -> AnyQuantity:
        """The de-minimis share."""
        return self.de_minimis_share
