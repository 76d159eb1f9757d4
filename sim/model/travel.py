"""How long goods are under way when disruptions hold them up.

A mover is a lane, or a recipe seen as one: what leaves is started, what is under way is work in process,
what is received is finished work. Shipments that are paused are set aside and leave with the end of the
pause; on a day of paused transit nothing under way advances; what arrives while receipts are paused waits
at the dock [1]_. All of it depends on the calendar alone, so it is worked out before anything moves.
Beyond the last simulated day nothing is paused.

References
----------
.. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., ch. 9; the four kinds are those of
   Snyder's stockpyl (``disruption_process``).
"""

import numpy as np

from sim.model.plan import Bools, Floats, Ints, Pause


def dock_days(paused: Bools, lead_time_days: Ints) -> Ints:
    """Days until goods reach the dock, waiting to leave included.

    Parameters
    ----------
    paused
        ``[pause, mover, day]``.
    lead_time_days
        ``[mover, day]`` days in transit of what is sent on each day.
    """
    days = lead_time_days.copy()
    sent = np.arange(paused.shape[2])
    for mover in _held_up(paused):
        days[mover] = _dock_day(paused[:, mover], sent, lead_time_days[mover]) - sent
    return days


def receipt_days(paused: Bools, lead_time_days: Ints) -> Ints:
    """Days until goods are received: as :func:`dock_days`, and the wait at the dock."""
    return with_wait_at_dock(paused, dock_days(paused, lead_time_days))


def with_wait_at_dock(paused: Bools, days_to_dock: Ints) -> Ints:
    """Days until goods are received, from what :func:`dock_days` gives."""
    days = days_to_dock.copy()
    sent = np.arange(paused.shape[2])
    for mover in _held_up(paused):
        days[mover] = _next_open(paused[Pause.RECEIPTS, mover], sent + days[mover]) - sent
    return days


def initial_dock_days(paused: Bools, slots: int) -> Ints:
    """``[mover, slot]`` day on which goods reach the dock that were under way to arrive on day `slot`."""
    days = np.tile(np.arange(slots), (paused.shape[1], 1))
    start = np.zeros(slots, dtype=np.int64)
    for mover in _held_up(paused):
        days[mover] = _arrival_day(paused[Pause.TRANSIT, mover], start, days[mover])
    return days


def initial_receipt_days(paused: Bools, slots: int) -> Ints:
    """``[mover, slot]`` day on which they are received."""
    days = initial_dock_days(paused, slots)
    for mover in _held_up(paused):
        days[mover] = _next_open(paused[Pause.RECEIPTS, mover], days[mover])
    return days


def held_at_dock(sent: Ints, dock_day: Ints, receipt_day: Ints, units: Floats, kept: Floats) -> Floats:
    """``[day]`` units of one mover that have reached the dock and are not yet received.

    Parameters
    ----------
    sent, dock_day, receipt_day, units
        ``[shipment]`` the day on which it was sent (-1: before day 0), reaches the dock and is received,
        and how much it is.
    kept
        ``[day]`` share of what was under way before that goes on (less than 1 where goods turn back).
    """
    held = np.zeros(len(kept))
    for row in np.flatnonzero(receipt_day > dock_day).tolist():
        first, end = min(int(dock_day[row]), len(held)), min(int(receipt_day[row]), len(held))
        share = np.cumprod(kept[sent[row] + 1 : end])
        held[first:end] += units[row] * np.concatenate([[1.0], share])[first - sent[row] :]
    return held


def _held_up(paused: Bools) -> list[int]:
    """Movers that any pause ever holds up on the way."""
    return np.flatnonzero(paused[Pause.SHIPMENTS :].any(axis=(0, 2))).tolist()


def _dock_day(paused: Bools, sent: Ints, lead_time_days: Ints) -> Ints:
    departure = _next_open(paused[Pause.SHIPMENTS], sent)
    return _arrival_day(paused[Pause.TRANSIT], departure, lead_time_days)


def _next_open(paused: Bools, day: Ints) -> Ints:
    """The first day without a pause from each day on."""
    count = len(paused)
    is_open = np.where(paused, count, np.arange(count))
    following = np.append(np.minimum.accumulate(is_open[::-1])[::-1], count)
    return np.where(day < count, following[np.minimum(day, count)], day)


def _arrival_day(paused: Bools, departure: Ints, lead_time_days: Ints) -> Ints:
    """The first day by which as many days without a pause have passed as the way takes."""
    count = len(paused)
    advanced = np.concatenate([[0], np.cumsum(~paused)])
    within = np.minimum(departure, count)
    needed = advanced[within] + (departure - within) + lead_time_days
    arrival = np.searchsorted(advanced, needed, side="left")
    beyond = count + needed - advanced[-1]
    return np.maximum(departure, np.where(needed <= advanced[-1], arrival, beyond))
