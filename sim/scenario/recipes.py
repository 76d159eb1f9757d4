"""Several recipes that make one output, and whether they fit each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.scenario.findings import Finding, Path

if TYPE_CHECKING:
    from sim.scenario.schema import Recipe, Scenario, Trigger

OF_ALTERNATIVES = (
    "rank",
    "share",
    "capacity_share_of_usage",
    "performance_penalty",
    "trigger",
    "qualification_lag_days",
    "ramp_days",
    "ramp",
    "engineer_days",
)
"""Fields that say when a recipe is taken rather than another."""
OF_QUALIFICATION = ("qualification_lag_days", "ramp_days", "ramp", "engineer_days")
"""Fields that count only with a trigger."""
OF_ONE_RECIPE = (
    "minimum_order_units",
    "order_multiple_units",
    "initial_waiting",
    "initial_work_in_process",
)
"""Fields that are not told apart where several recipes share an output's orders."""


def alternative_recipes(scenario: "Scenario") -> "dict[str, dict[str, Recipe]]":
    """For each stock point that several recipes make, these by id: lower ranks first, then file order."""
    makers: dict[str, dict[str, Recipe]] = {}
    for name, recipe in sorted(scenario.recipes.items(), key=lambda entry: entry[1].rank):
        makers.setdefault(recipe.output, {})[name] = recipe
    return {
        output: makers[output]
        for output in scenario.stock_points
        if output in makers and len(makers[output]) > 1
    }


def triggers(scenario: "Scenario") -> "Iterator[tuple[Path, Trigger]]":
    """Triggers of substitutes and recipes, with their paths."""
    for name, substitute in scenario.substitutes.items():
        yield ("substitutes", name, "trigger"), substitute.trigger
    for name, recipe in scenario.recipes.items():
        if recipe.trigger is not None:
            yield ("recipes", name, "trigger"), recipe.trigger


def unfitting_alternatives(scenario: "Scenario") -> Iterator[Finding]:
    """What is wrong with recipes as alternatives of each other."""
    several = alternative_recipes(scenario)
    for name, recipe in scenario.recipes.items():
        path = ("recipes", name)
        if recipe.output in several:
            yield from _alternative(path, recipe, scenario.stock_points[recipe.output].sourcing)
        else:
            allowed = f"only where another recipe makes {recipe.output} too"
            yield from _given(path, recipe, OF_ALTERNATIVES, allowed)
    for output, recipes in several.items():
        yield from _output(scenario, output, recipes)


def _alternative(path: Path, recipe: "Recipe", sourcing: str) -> Iterator[Finding]:
    """One of several recipes."""
    yield from _given(path, recipe, OF_ONE_RECIPE, f"only where one recipe alone makes {recipe.output}")
    unused = {"share": "rank", "rank": "share"}[sourcing]
    allowed = f"only where {recipe.output} has sourcing: {unused}"
    yield from _given(path, recipe, (unused,), allowed)
    if recipe.trigger is None:
        yield from _given(path, recipe, OF_QUALIFICATION, "only with a trigger")


def _given(path: Path, recipe: "Recipe", fields: tuple[str, ...], allowed: str) -> Iterator[Finding]:
    for field in fields:
        if recipe.says(field):
            yield Finding((*path, field), f"found {field}, allowed: {allowed}")


def _output(scenario: "Scenario", output: str, recipes: "dict[str, Recipe]") -> Iterator[Finding]:
    """A stock point that several recipes make."""
    path, point = ("stock_points", output), scenario.stock_points[output]
    ready = [recipe for recipe in recipes.values() if recipe.trigger is None]
    named = " and ".join(recipes) if len(recipes) == 2 else ", ".join(recipes)
    if not ready:
        yield Finding(path, f"{named} all wait for a trigger, allowed: at least one recipe without")
    elif point.sourcing == "share" and all(recipe.share.support[1] == 0.0 for recipe in ready):
        yield Finding(
            path, "the shares of all its recipes without trigger are 0, allowed: at least one above 0"
        )
    if point.says("capacity_per_day"):
        allowed = "capacities of its recipes, or an input of kind resource that they share"
        yield Finding(
            (*path, "capacity_per_day"), f"found a capacity, but {named} make it; allowed: {allowed}"
        )
