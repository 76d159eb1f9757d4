"""Whom the interventions of a scenario reach: what their checks ask, each answer worked out once."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.scenario.covers import (
    LaneCover,
    PointCover,
    StreamCover,
    lanes_covered,
    points_covered,
    streams_covered,
)
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.restriction import Restriction, candidate_lanes

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Covered = Callable[["Scenario", Any], Sequence[str]]


class Reach:
    """Answers about one scenario."""

    def __init__(self, scenario: "Scenario") -> None:
        self.scenario = scenario
        self._candidates: dict[str, list[str]] = {}

    def candidates(self, name: str) -> list[str]:
        """Ids of the lanes that a restriction names, whatever their content."""
        if name not in self._candidates:
            restriction = self.scenario.interventions[name]
            assert isinstance(restriction, Restriction)  # noqa: S101 - the caller looked
            self._candidates[name] = candidate_lanes(self.scenario, restriction)
        return self._candidates[name]

    @cached_property
    def bought(self) -> frozenset[str]:
        """Stock points to which lanes lead."""
        lanes = (*self.scenario.lanes.values(), *self.scenario.substitutes.values())
        return frozenset(lane.buyer for lane in lanes)

    @cached_property
    def made(self) -> frozenset[str]:
        """Stock points that a recipe makes."""
        return frozenset(recipe.output for recipe in self.scenario.recipes.values())

    @property
    def fed(self) -> frozenset[str]:
        """Stock points to which something leads."""
        return self.bought | self.made

    def only_buys(self, point: str) -> bool:
        """Whether a stock point is neither a source nor made by a recipe."""
        orders = self.scenario.stock_points[point].policy is not None
        return point not in self.made and (orders or point in self.bought)

    def no_lane(self, path: Path, cover: LaneCover) -> Iterator[Finding]:
        """A finding if a cover matches no lane."""
        return self._nobody(path, cover, lanes_covered, "lane")

    def no_point(self, path: Path, cover: PointCover) -> Iterator[Finding]:
        """A finding if a cover matches no stock point."""
        return self._nobody(path, cover, points_covered, "stock point")

    def no_stream(self, path: Path, cover: StreamCover) -> Iterator[Finding]:
        """A finding if a cover matches no demand stream."""
        return self._nobody(path, cover, streams_covered, "demand stream")

    def _nobody(self, path: Path, cover: Any, covered: Covered, kind: str) -> Iterator[Finding]:
        """A finding if nothing matches a cover, at the list to blame if one alone is."""
        if covered(self.scenario, cover):
            return
        given = {name: value for name, value in cover if value is not None}
        for name, value in given.items():
            if not covered(self.scenario, type(cover)(**{name: value})):
                yield Finding((*path, name), f"covers nobody: no {kind} matches {_shown(value)}")
                return
        lists = f" all of {', '.join(given)}" if given else ", as there is none"
        yield Finding(path, f"covers nobody: no {kind} matches{lists}")


def _shown(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return str(value)
    return " or ".join(value if len(value) <= 5 else [*value[:5], "others"])
