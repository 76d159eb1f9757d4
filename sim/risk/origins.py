"""Where it comes from what a portfolio of levers earns more or less: by entry of the account, by supplier."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.model.plan import Floats
from sim.risk.comparison import columns_of
from sim.risk.portfolios import PortfolioValues, mean_of
from sim.risk.replicated import Estimators

ENTRY, SUPPLIER = "entry", "supplier"
TYPED_COST = "typed_cost"
SCENARIO, NO_SHOCK = 0, 1
ESTIMATES = ("with_shock", "without_shock")
COLUMNS = ("part", "name", *(f"{name}{end}" for name in ESTIMATES for end in ("", "_ci_low", "_ci_high")))


def origins(own: PortfolioValues, nothing: PortfolioValues, estimators: Estimators) -> pd.DataFrame:
    """Each entry of the result, and what is bought of each supplier, less the same if nothing is done.

    Entries add up to the difference of the results. What is bought is no part of it: what is left of it
    at the end is stock.

    Parameters
    ----------
    own, nothing
        The portfolio and doing nothing, on the same futures.
    estimators
        Those that the sample calls for.
    """
    typed = np.full((len(own.result), 2), nothing.typed_cost - own.typed_cost)
    entries = {**_more(own.entries, nothing.entries), TYPED_COST: typed}
    rows = [
        *_rows(ENTRY, entries, estimators),
        *_rows(SUPPLIER, _more(own.bought, nothing.bought), estimators),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _more(own: Mapping[str, Floats], nothing: Mapping[str, Floats]) -> dict[str, Floats]:
    """What is more than if nothing is done; what one of both has not is 0 there."""
    zero = np.zeros_like(next(iter({**own, **nothing}.values()), np.zeros((1, 2))))
    return {name: own.get(name, zero) - nothing.get(name, zero) for name in {**nothing, **own}}


def _rows(part: str, more: Mapping[str, Floats], estimators: Estimators) -> Iterator[dict[str, Any]]:
    for name, values in more.items():
        if values.any():
            found = {
                column: value
                for which, twin in zip(ESTIMATES, (SCENARIO, NO_SHOCK), strict=True)
                for column, value in columns_of(which, mean_of(values[:, twin], estimators)).items()
            }
            yield {"part": part, "name": name, **found}
