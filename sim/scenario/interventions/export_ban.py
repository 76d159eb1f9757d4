"""A ban on exports to some buyers."""

from typing import Literal

from pydantic import Field

from sim.scenario.interventions.restriction import Restriction
from sim.scenario.quantities import AnyQuantity, Share, fixed


class ExportBan(Restriction):
    """No exports to the buyers without a licence."""

    kind: Literal["export_ban"]
    de_minimis_share: Share = Field(
        fixed(0.25), description="Controlled content at or above which a lane is covered."
    )

    @property
    def threshold(self) -> AnyQuantity:
        """The de-minimis share."""
        return self.de_minimis_share
