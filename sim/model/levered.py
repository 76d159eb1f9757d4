"""Scenarios with levers: read, checked with every lever at its ends, compiled with portfolios over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sim.errors import Problem, ScenarioError, SimError, first_problems
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.scenario.load import Loaded, load_with_places, tree_written, validated, written
from sim.scenario.makers import makers_of
from sim.scenario.portfolios import NOTHING, Portfolio, at_their_ends, laid_over, of_portfolio
from sim.scenario.schema import Scenario
from sim.scenario.source import SourceNode


@dataclass(frozen=True)
class Levered:
    """A scenario over which portfolios can be laid.

    Attributes
    ----------
    loaded
        The scenario and its tree.
    """

    loaded: Loaded

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands."""
        return self.loaded.scenario

    @property
    def maker(self) -> str:
        """Id of the maker whose result levers are to serve.

        Raises
        ------
        SimError
            If no firm sells anything.
        """
        asked, makers = self.scenario.mitigation, makers_of(self.scenario)
        if asked is not None and asked.maker is not None:
            return asked.maker
        if not makers:
            raise SimError(f"{self.scenario.name}: no firm sells to a market, so there is no result to serve")
        return makers[0]

    @cached_property
    def as_it_stands(self) -> Plan:
        """The scenario without a portfolio, compiled once.

        Raises
        ------
        ScenarioError
            If no plan can be made of it.
        """
        return self.plan(NOTHING)

    def plan(self, portfolio: Portfolio) -> Plan:
        """The scenario as a portfolio makes it, compiled.

        Raises
        ------
        SimError
            If the portfolio cannot be taken, or its result makes no sense.
        """
        laid = laid_over(self.loaded, portfolio)
        try:
            return compile_plan(laid.scenario)
        except ScenarioError as error:
            placed = laid.placed(error.problems)
            raise ScenarioError(of_portfolio(portfolio, placed) if portfolio.taken else placed) from None


def levered(scenario: Scenario) -> Levered:
    """A validated scenario, such as one read back from a folder, over which portfolios can be laid."""
    return Levered(Loaded(scenario, tree_written(written(scenario))))


def over_view(found: Levered, view: Loaded) -> Levered:
    """Another scenario with the levers and the mitigation of one laid over it, in place of its own.

    Parameters
    ----------
    found
        The scenario that has the levers.
    view
        The other, and its tree, with all copies made.

    Raises
    ------
    ScenarioError
        If a lever or what the mitigation asks does not fit it, or its money is another; carries all problems
        found.
    """
    if view.scenario.currency != found.scenario.currency:
        allowed = f"allowed: {found.scenario.currency}, as where the levers are"
        told = Problem(f"currency: found {view.scenario.currency}, {allowed}")
        raise ScenarioError(view.placed([told]))
    own, other = _entries(found.loaded), _entries(view)
    kept = {key: part for key, part in other.items() if key not in OF_LEVERS}
    laid = {key: own[key] for key in OF_LEVERS if key in own}
    over = Levered(validated(replace(view.tree, value={**kept, **laid})))
    if over.maker != found.maker:
        raise ScenarioError(view.placed([Problem(_other_maker(found, over))]))
    check_levers(over)
    return over


def _other_maker(found: Levered, over: Levered) -> str:
    """That the levers serve a maker who is not the first of another scenario's headline."""
    if found.maker in makers_of(over.scenario):
        allowed = f"mitigation.maker: {found.maker}, where the levers are"
    else:
        allowed = "scenarios that have it"
    return f"analysis: the levers serve {found.maker}, but {over.maker} comes first here; allowed: {allowed}"


def views_of(found: Levered, file: str | Path, overrides: Sequence[str] = ()) -> dict[str, Levered]:
    """The views that a mitigation names, each with the levers laid over it.

    Parameters
    ----------
    found, file
        The scenario that has the levers, and its file, from which views are seen.
    overrides
        Settings ``path=value`` laid over each view, but those of levers.

    Raises
    ------
    ScenarioError
        If a view cannot be used, or not with a lever; carries the problems of all.
    """
    asked, folder = found.scenario.mitigation, Path(file).parent
    settings = [override for override in overrides if not override.strip().startswith(OF_LEVERS)]
    views: dict[str, Levered] = {}
    problems: list[Problem] = []
    for name in asked.views if asked else ():
        try:
            views[name] = over_view(found, load_with_places(folder / name, settings))
        except ScenarioError as error:
            within = f"mitigation.views.{name}"
            problems += [Problem(f"{within}: {problem.message}", problem.place) for problem in error.problems]
    if problems:
        raise ScenarioError(first_problems(found.loaded.placed(problems)))
    return views


OF_LEVERS = ("levers", "mitigation")
"""Fields of a scenario that are laid over views."""


def _entries(loaded: Loaded) -> dict[str, SourceNode]:
    assert isinstance(loaded.tree.value, dict)  # noqa: S101 - it is valid
    return loaded.tree.value


def prepare_levered(file: str | Path, overrides: Sequence[str] = ()) -> Levered:
    """Load a scenario, and see whether each of its levers can be taken at its ends.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or not with a lever; carries all problems found.
    """
    found = Levered(load_with_places(file, overrides))
    check_levers(found)
    return found


def check_levers(found: Levered) -> None:
    """See whether the scenario works as it stands, and each lever alone, at its ends, early and late.

    Raises
    ------
    ScenarioError
        If one cannot; carries all problems found, each with its place.
    """
    _ = found.as_it_stands
    problems: dict[str, list[Problem]] = {}
    for portfolio in at_their_ends(found.scenario):
        (taken,) = portfolio.taken
        if taken.lever in problems:
            continue
        try:
            found.plan(portfolio)
        except ScenarioError as error:
            problems[taken.lever] = list(error.problems)
    if problems:
        raise ScenarioError(first_problems(problem for some in problems.values() for problem in some))
