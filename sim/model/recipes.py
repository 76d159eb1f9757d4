"""Several recipes for one output: each becomes a line, a stock point without stock that feeds the output.

A line makes what is ordered of it by its recipe, and a lane within the firm takes it to the output on the
same day. So ranks, shares, triggers, qualifications, ramps, penalties and promises of lanes serve recipes
too (decision 0030).
"""

from typing import TypeVar

from sim.scenario import schema
from sim.scenario.fields import ZERO
from sim.scenario.policies.base_stock import BaseStock
from sim.scenario.quantities import Share
from sim.scenario.recipes import OF_ALTERNATIVES, alternative_recipes

Kind = TypeVar("Kind", bound=schema.Lane)
AS_ORDERED = BaseStock(kind="base_stock")
"""Orders as much as is ordered of it, every day."""


class Line(schema.StockPoint):
    """Where one of several recipes makes an output."""

    output: str
    recipe: str


class Feed(schema.Lane):
    """What takes the products of a line to the output."""

    performance_penalty: Share = ZERO


def line_of(output: str, recipe: str) -> str:
    """What the line of a recipe is called; no id has blanks, so nothing else is called so.

    Examples
    --------
    >>> line_of("recorders", "without-disks")
    'recorders by without-disks'
    """
    return f"{output} by {recipe}"


def with_lines(scenario: schema.Scenario) -> schema.Scenario:
    """The scenario with a line for each recipe of an output that has several; without such it is the same."""
    points, recipes = dict(scenario.stock_points), dict(scenario.recipes)
    lanes, substitutes = dict(scenario.lanes), dict(scenario.substitutes)
    for output, alternatives in alternative_recipes(scenario).items():
        for name, recipe in alternatives.items():
            line = line_of(output, name)
            points[line] = _line(scenario.stock_points[output], output, name)
            recipes[name] = recipe.model_copy(update={"output": line})
            if recipe.trigger is None:
                lanes[line] = _feed(Feed, line, recipe)
            else:
                substitutes[line] = _feed(schema.Substitute, line, recipe)
    return scenario.model_copy(
        update={"stock_points": points, "recipes": recipes, "lanes": lanes, "substitutes": substitutes}
    )


def _line(output: schema.StockPoint, name: str, recipe: str) -> Line:
    return Line.model_construct(
        firm=output.firm,
        item=output.item,
        country=output.country,
        policy=AS_ORDERED,
        initial_on_hand=ZERO,
        output=name,
        recipe=recipe,
    )


def _feed(kind: type[Kind], line: str, recipe: schema.Recipe) -> Kind:
    """The lane from a line to its output; what a recipe and a lane call alike is the same of both."""
    fields = {field: getattr(recipe, field) for field in OF_ALTERNATIVES if field in kind.model_fields}
    feed: Kind = kind.model_construct(supplier=line, buyer=recipe.output, **fields)  # type: ignore[assignment]
    return feed
