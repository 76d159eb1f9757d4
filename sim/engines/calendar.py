"""How long goods are under way when disruptions hold them up, one shipment at a time.

Does for a block what :mod:`sim.model.travel` does for a replication, by the same rules.
"""

from sim.engines.compiler import inlined
from sim.engines.layout import Array
from sim.model.plan import Pause

SHIPMENTS = 1 << int(Pause.SHIPMENTS)
TRANSIT = 1 << int(Pause.TRANSIT)
RECEIPTS = 1 << int(Pause.RECEIPTS)


@inlined
def received_day(paused: Array, mover: int, b: int, day: int, lead_time_days: int) -> int:
    """The day on which goods are received that are ready to leave on a day."""
    departure = _next_open(paused, mover, b, day, SHIPMENTS)
    return arrival_day(paused, mover, b, departure, lead_time_days)


@inlined
def arrival_day(paused: Array, mover: int, b: int, day: int, lead_time_days: int) -> int:
    """The day on which goods are received that leave on a day."""
    days = paused.shape[1]
    while lead_time_days > 0:
        if day >= days or not paused[mover, day, b] & TRANSIT:
            lead_time_days -= 1
        day += 1
    return _next_open(paused, mover, b, day, RECEIPTS)


@inlined
def _next_open(paused: Array, mover: int, b: int, day: int, pause: int) -> int:
    while day < paused.shape[1] and paused[mover, day, b] & pause:
        day += 1
    return day
