"""What may happen to a network: dated rules of law and acts of commerce, a file each kind.

This list closes the set: what is in it, a scenario may hold.
"""

from typing import Annotated

from pydantic import Field

from sim.scenario.interventions.capacity_loss import CapacityLoss
from sim.scenario.interventions.change import Change
from sim.scenario.interventions.demand_shift import DemandShift
from sim.scenario.interventions.direct_product_rule import DirectProductRule
from sim.scenario.interventions.disruption import Disruption
from sim.scenario.interventions.end_user_ban import EndUserBan
from sim.scenario.interventions.exception import LicenceException
from sim.scenario.interventions.export_ban import ExportBan
from sim.scenario.interventions.licence import LicenceRegime
from sim.scenario.interventions.lifting import Lifting
from sim.scenario.interventions.market_closure import MarketClosure
from sim.scenario.interventions.price_change import PriceChange
from sim.scenario.interventions.procurement_ban import ProcurementBan
from sim.scenario.interventions.retaliation import Retaliation
from sim.scenario.interventions.self_halt import SelfHalt
from sim.scenario.interventions.stock_loss import StockLoss
from sim.scenario.interventions.stockpiling import Stockpiling
from sim.scenario.interventions.tariff import Tariff

Intervention = Annotated[
    ExportBan
    | Retaliation
    | DirectProductRule
    | EndUserBan
    | LicenceRegime
    | LicenceException
    | SelfHalt
    | MarketClosure
    | ProcurementBan
    | DemandShift
    | Disruption
    | CapacityLoss
    | StockLoss
    | Change
    | Stockpiling
    | PriceChange
    | Tariff
    | Lifting,
    Field(discriminator="kind"),
]
