"""What a firm's failure takes along: the economic systemic risk index of each firm of a network.

A firm that fails gives nothing and takes nothing. Those that live on its goods make less (downstream), those
that live on its orders sell less (upstream), and so on until nothing changes. There is no time in it: no
stock is used up, and nobody comes back.

References
----------
.. [1] Diem, Borsos, Reisch, Kertesz & Thurner, "Quantifying firm-level economic systemic risk from
   nation-wide supply networks", *Scientific Reports* 12, 7719, 2022.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.model.plan import Bools, Floats, Ints
from sim.model.supply_links import SupplyLinks

TOLERANCE = 1e-9
"""Change of a share of output that counts as none."""


@dataclass(frozen=True, slots=True)
class SystemicRisk:
    """The index of some firms; each is a share of all output, from 0 to 1.

    Attributes
    ----------
    esri
        ``[failing]`` economic systemic risk index with recipes that need all their inputs (Leontief), and
        nobody who stands in for a supplier.
    downstream, upstream
        ``[failing]`` of that what is lost for want of goods alone, and for want of orders alone.
    substituted
        ``[failing]`` the index where others that sell the same item stand in by their part in its market.
    linear
        ``[failing]`` the index where each input is missed by its share of the value of all inputs.
    """

    esri: Floats
    downstream: Floats
    upstream: Floats
    substituted: Floats
    linear: Floats


def systemic_risk(links: SupplyLinks, failing: Ints) -> SystemicRisk:
    """Economic systemic risk index of some firms, each of which fails alone.

    Parameters
    ----------
    links
        What flows between the firms.
    failing
        Firms.

    References
    ----------
    Diem et al. 2022 [1]_; outputs are weighted by what is sold to firms and to markets.
    """
    closed = _closed(links, failing)
    upstream = missed_orders(links, closed)
    leontief = missed_inputs(links, closed)
    return SystemicRisk(
        esri=_of_output(links, np.maximum(leontief, upstream)),
        downstream=_of_output(links, leontief),
        upstream=_of_output(links, upstream),
        substituted=_of_output(links, np.maximum(missed_inputs_substituted(links, closed), upstream)),
        linear=_of_output(links, np.maximum(missed_inputs_linear(links, closed), upstream)),
    )


def lost_by_firm(links: SupplyLinks, failing: Ints) -> Floats:
    """``[failing, firm]`` value a day that each firm sells less when another fails, all inputs needed.

    Parameters
    ----------
    links, failing
        As for :func:`systemic_risk`.
    """
    closed = _closed(links, failing)
    lost = np.maximum(missed_inputs(links, closed), missed_orders(links, closed)) * links.sold
    return np.array([np.bincount(links.firm, weights=row, minlength=links.firms) for row in lost])


def missed_inputs(links: SupplyLinks, closed: Bools) -> Floats:
    """``[failure, point]`` share of its output that the scarcest of its inputs holds back.

    Parameters
    ----------
    links
        What flows between the stock points.
    closed
        ``[failure, point]`` whether a stock point gives and takes nothing.
    """
    return _settled(closed, lambda lost: _scarcest(links, lost))


def missed_inputs_substituted(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`; what a supplier lacks is missed by its part of what its market has left."""
    return _settled(closed, lambda lost: _scarcest(links, lost * _part_of_market(links, lost)))


def missed_inputs_linear(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`, of recipes that miss each input by its share of the value of all."""
    starts = np.flatnonzero(links.starts_buyer)

    def missed(lost: Floats) -> Floats:
        found = np.zeros_like(lost)
        found[:, links.buyer[starts]] = _summed(lost[:, links.supplier] * links.share_of_purchases, starts)
        return found

    return _settled(closed, missed)


def missed_orders(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`, but the share of its output that nobody takes any more."""
    order = np.argsort(links.supplier, kind="stable")
    suppliers, starts = np.unique(links.supplier[order], return_index=True)
    buyer, share = links.buyer[order], links.share_of_output[order]

    def missed(lost: Floats) -> Floats:
        found = np.zeros_like(lost)
        found[:, suppliers] = _summed(lost[:, buyer] * share, starts)
        return found

    return _settled(closed, missed)


def _closed(links: SupplyLinks, failing: Ints) -> Bools:
    closed: Bools = links.firm[None, :] == failing[:, None]
    return closed


def _settled(closed: Bools, missed: Callable[[Floats], Floats]) -> Floats:
    """What is lost once nothing changes any more, failure by failure; it only grows, and never beyond all."""
    lost = closed.astype(np.float64)
    spreading = np.arange(len(lost))
    while len(spreading):
        before = lost[spreading]
        lost[spreading] = np.maximum(before, np.minimum(missed(before), 1.0))
        spreading = spreading[np.any(lost[spreading] - before > TOLERANCE, axis=1)]
    return lost


def _scarcest(links: SupplyLinks, lost: Floats) -> Floats:
    inputs = np.flatnonzero(links.starts_input)
    first_inputs = np.flatnonzero(links.starts_buyer[inputs])
    found = np.zeros_like(lost)
    by_input = _summed(lost[:, links.supplier] * links.share_of_input, inputs)
    if len(inputs):
        buyers = links.buyer[inputs[first_inputs]]
        found[:, buyers] = np.maximum.reduceat(by_input, first_inputs, axis=1)
    return found


def _part_of_market(links: SupplyLinks, lost: Floats) -> Floats:
    """``[failure, point]`` what it sells normally, of what all who sell the item to others still can sell.

    Whoever sells nothing to others cannot be replaced by others.
    """
    items = int(links.item.max(initial=-1)) + 1
    still_sold = (1.0 - lost) * links.sold_units
    left = np.array([np.bincount(links.item, weights=row, minlength=items) for row in still_sold])
    of_market = left[:, links.item]
    replaceable = (of_market > links.sold_units) & (links.sold_units > 0.0)
    return np.where(replaceable, links.sold_units / np.where(replaceable, of_market, 1.0), 1.0)


def _summed(amounts: Floats, starts: Ints) -> Floats:
    """``[failure, group]`` sums of neighbours, of groups that begin there."""
    return np.add.reduceat(amounts, starts, axis=1) if len(starts) else np.zeros((len(amounts), 0))


def _of_output(links: SupplyLinks, lost: Floats) -> Floats:
    """``[failure]`` share of all that is sold."""
    total = float(links.sold.sum())
    shares: Floats = (lost * links.sold).sum(axis=1) / (total if total > 0.0 else 1.0)
    return shares
