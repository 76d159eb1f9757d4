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
from typing import NamedTuple

import numpy as np

from sim.engines.cascading import replace, spread
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
    return _settled(_by_input(links), closed, _all_felt)


def missed_inputs_substituted(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`; what a supplier lacks is missed by its part of what its market has left."""
    return _settled(_by_input(links), closed, lambda lost: _part_of_market(links, lost))


def missed_inputs_linear(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`, of recipes that miss each input by its share of the value of all."""
    by_value = _Spread(links.buyer, links.supplier, links.share_of_purchases, _last(links.starts_buyer))
    return _settled(by_value, closed, _all_felt)


def missed_orders(links: SupplyLinks, closed: Bools) -> Floats:
    """As :func:`missed_inputs`, but the share of its output that nobody takes any more."""
    order = np.lexsort((links.supplier, -links.turn[links.supplier]))
    supplier = links.supplier[order]
    by_output = _Spread(
        supplier, links.buyer[order], links.share_of_output[order], _last(np.diff(supplier, prepend=-1) != 0)
    )
    return _settled(by_output, closed, _all_felt)


class _Spread(NamedTuple):
    """Links along which losses spread: whose it is, whose loss adds to it, by what share; ends of groups."""

    near: Ints
    far: Ints
    share: Floats
    closes: Bools


def _by_input(links: SupplyLinks) -> _Spread:
    return _Spread(links.buyer, links.supplier, links.share_of_input, _last(links.starts_input))


def _last(starts: Bools) -> Bools:
    """``[link]`` whether a link is the last of its group, of groups that begin there."""
    return np.append(starts[1:], True)[: len(starts)]


def _closed(links: SupplyLinks, failing: Ints) -> Bools:
    closed: Bools = links.firm[None, :] == failing[:, None]
    return closed


def _settled(along: _Spread, closed: Bools, felt: Callable[[Floats], Floats]) -> Floats:
    """What is lost once nothing changes any more, failure by failure; it only grows, and never beyond all."""
    lost = closed.astype(np.float64)
    spreading = np.arange(len(lost))
    while len(spreading):
        some, growth = lost[spreading], np.empty(len(spreading))
        spread(some, felt(some), (along.near, along.far), along.share, along.closes, growth)
        lost[spreading] = some
        spreading = spreading[growth > TOLERANCE]
    return lost


def _all_felt(lost: Floats) -> Floats:
    return np.ones_like(lost)


def _part_of_market(links: SupplyLinks, lost: Floats) -> Floats:
    felt = np.empty_like(lost)
    markets = int(links.item.max(initial=-1)) + 1
    replace(lost, links.sold_units, links.item, np.empty(markets), felt)
    return felt


def _of_output(links: SupplyLinks, lost: Floats) -> Floats:
    """``[failure]`` share of all that is sold."""
    total = float(links.sold.sum())
    shares: Floats = (lost * links.sold).sum(axis=1) / (total if total > 0.0 else 1.0)
    return shares
