"""How stock points order: a file each policy.

This list closes the set: what is in it, a stock point may have.
"""

from typing import Annotated, get_args

from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.policies.base import OrderingPolicy
from sim.scenario.policies.base_stock import BaseStock
from sim.scenario.policies.dual_index import DualIndex
from sim.scenario.policies.echelon_base_stock import EchelonBaseStock
from sim.scenario.policies.no_orders import NoOrders
from sim.scenario.policies.reorder_quantity import ReorderQuantity
from sim.scenario.policies.reorder_up_to import ReorderUpTo
from sim.scenario.policies.tailored_base_surge import TailoredBaseSurge

Policy = Annotated[
    BaseStock | EchelonBaseStock | ReorderUpTo | ReorderQuantity | DualIndex | TailoredBaseSurge | NoOrders,
    Field(discriminator="kind"),
]

POLICIES: dict[PolicyKind, type[OrderingPolicy]] = {
    policy.code: policy for policy in get_args(get_args(Policy)[0])
}
"""What each code of a plan stands for."""
