"""Which lever lowers the expected annual loss of a node most for its cost, as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.scenario.portfolios import Taken

COLUMNS = (
    "kind",
    "node",
    "lever",
    "level",
    "expected_annual_loss",
    "lowered_by",
    "cost_per_year",
    "lowered_per_cost",
    "is_best",
)
Node = tuple[str, str]
"""Its kind, and what it is called there."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What nodes cost a year if one lever is taken.

    Attributes
    ----------
    taken
        The lever.
    expected_annual_loss
        By node, money a year; a node that is not there any more costs nothing.
    cost_per_year
        What the lever takes off the result of an undisturbed year.
    """

    taken: Taken
    expected_annual_loss: Mapping[Node, float]
    cost_per_year: float


def relief_table(nothing: Mapping[Node, float], reliefs: Sequence[Relief]) -> pd.DataFrame:
    """One row a node and lever, the dearest node first, of each what lowers most per unit of cost first.

    A lever that costs nothing goes before all that cost something; what lowers nothing comes last.

    Parameters
    ----------
    nothing
        By node, money a year if no lever is taken.
    reliefs
        The levers, each taken alone.

    Examples
    --------
    >>> fab = ("supplier", "fab")
    >>> levers = [Relief(Taken("stock", 60.0), {fab: 4.0}, 2.0), Relief(Taken("second"), {fab: 1.0}, 9.0)]
    >>> relief_table({fab: 10.0}, levers)[["lever", "lowered_per_cost", "is_best"]].values.tolist()
    [['stock', 3.0, True], ['second', 1.0, False]]
    """
    rows = []
    for node, loss in sorted(nothing.items(), key=lambda item: -item[1]):
        found = [(each, loss - each.expected_annual_loss.get(node, 0.0)) for each in reliefs]
        found.sort(key=lambda pair: (-_worth(pair[1], pair[0].cost_per_year), -pair[1]))
        rows += [
            {
                "kind": node[0],
                "node": node[1],
                "lever": each.taken.lever,
                "level": np.nan if each.taken.level is None else each.taken.level,
                "expected_annual_loss": loss - lowered,
                "lowered_by": lowered,
                "cost_per_year": each.cost_per_year,
                "lowered_per_cost": lowered / each.cost_per_year if each.cost_per_year > 0.0 else np.nan,
                "is_best": place == 0 and lowered > 0.0,
            }
            for place, (each, lowered) in enumerate(found)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _worth(lowered: float, cost: float) -> float:
    """What is lowered per unit of cost; infinite where it costs nothing."""
    if lowered <= 0.0:
        return -np.inf
    return lowered / cost if cost > 0.0 else np.inf
