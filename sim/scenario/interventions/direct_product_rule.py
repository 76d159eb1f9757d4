"""A ban on what is made with a country's technology."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim.scenario.fields import Country
from sim.scenario.interventions.restriction import Restriction

if TYPE_CHECKING:
    from sim.scenario.schema import Lane, Scenario


class DirectProductRule(Restriction):
    """Covers what is made with a country's technology, whatever its content and wherever it is made."""

    kind: Literal["direct_product_rule"]
    jurisdiction: Country = Field(
        description="Covers what is made with this country's controlled technology."
    )

    @property
    def threshold(self) -> None:
        """None: whatever the content."""

    def owns(self, countries: frozenset[str], scenario: "Scenario", lane: "Lane") -> bool:
        """Whether technology of some of the countries makes what a lane carries."""
        return not countries.isdisjoint(scenario.stock_points[lane.supplier].controlled_technology)

    def powerless(self, _scenario: "Scenario") -> str:
        """What to say where no lane carries what is made with the technology."""
        return (
            f"covers nobody: none of the suppliers lists {self.jurisdiction} in the controlled_technology "
            "of its stock point"
        )
