"""Where two stock points meet in an assembly, and how far each is from there."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario import schema


@dataclass(frozen=True, slots=True)
class Balance:
    """What a stock point needs to know of another with which its orders keep pace.

    Attributes
    ----------
    ratio
        Units of its own that go with a unit of the other.
    days_farther
        Days by which its stock is farther from where both meet than the other's stock is; below 0: nearer.
    """

    ratio: float
    days_farther: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A stock point on the way down: units of the first one in a unit of its own, and days from there."""

    point: str
    units: float
    days: int


def balance_of(scenario: schema.Scenario, one: str, other: str) -> Balance | None:
    """Where two stock points go into the same recipe, at once or through what is made of them.

    Parameters
    ----------
    scenario
        The scenario.
    one, other
        Ids of stock points.

    Returns
    -------
    Balance or None
        None if they meet nowhere.

    References
    ----------
    Rosling, "Optimal inventory policies for assembly systems under random demands", *Operations Research*
    37(4), 1989, sec. 2.
    """
    below_other = list(_way_down(scenario, other))
    for mine in _way_down(scenario, one):
        for theirs in below_other:
            recipe = recipe_of_both(scenario, mine.point, theirs.point)
            if recipe is not None and mine.point != theirs.point:
                own = mine.units * recipe.inputs[mine.point].mean
                its = theirs.units * recipe.inputs[theirs.point].mean
                return Balance(own / its, mine.days - theirs.days)
    return None


def recipe_of_both(scenario: schema.Scenario, one: str, other: str) -> schema.Recipe | None:
    """The first recipe that uses both stock points, if any does."""
    recipes = scenario.recipes.values()
    return next((recipe for recipe in recipes if one in recipe.inputs and other in recipe.inputs), None)


def _way_down(scenario: schema.Scenario, point: str) -> Iterator[_Step]:
    """The stock point and those that it leads to, as far as there is only one way."""
    step = _Step(point, 1.0, 0)
    seen = {point}
    while True:
        yield step
        lanes = [lane for lane in scenario.lanes.values() if lane.supplier == step.point]
        recipes = [recipe for recipe in scenario.recipes.values() if step.point in recipe.inputs]
        late = any(lane.supplier == step.point for lane in scenario.substitutes.values())
        if len(lanes) + len(recipes) != 1 or late:
            return
        if lanes:
            step = _Step(lanes[0].buyer, step.units, step.days + round(lanes[0].lead_time_days.mean))
        else:
            (recipe,) = recipes
            units = step.units * recipe.inputs[step.point].mean / recipe.yield_share.mean
            step = _Step(recipe.output, units, step.days + round(recipe.process_days.mean))
        if step.point in seen:
            return
        seen.add(step.point)
