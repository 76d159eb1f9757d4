"""A plan in which the shock does not come, so that its scenario is the counterfactual of another."""

from dataclasses import replace

import numpy as np

from sim.model.plan import Cell, Plan


def without_shock(plan: Plan) -> Plan:
    """The plan in which nothing happens that is absent in the counterfactual.

    Parameters
    ----------
    plan
        A plan, compiled.
    """

    def stays(cell: Cell) -> bool:
        is_chance = (cell.group, cell.field) == ("interventions", "probability")
        return not (is_chance and plan.interventions.shock[cell.index[0]])

    table = plan.interventions
    probability = np.where(table.shock, 0.0, table.probability)
    inputs = tuple(replace(item, cells=tuple(filter(stays, item.cells))) for item in plan.inputs)
    return replace(plan, interventions=replace(table, probability=probability), inputs=inputs)
