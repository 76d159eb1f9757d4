"""The level of demand that was known on a day: a random walk with drift, estimated from reported quarters.

The logarithm of a firm's quarterly revenue is a level that walks with a drift, and a season that stays [1]_.
What is not known of level, drift and season follows from the Kalman filter, what is not known of the variance
of the walk from its few innovations.

References
----------
.. [1] Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, 1989, ch. 2 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engines.random import squares_key
from sim.evidence.known import Known, first_day_of, unbroken
from sim.model.plan import Floats

FEWEST_QUARTERS = 8
"""Two years: level, drift and season are five numbers."""
DRAWS = 256
LEAST_VARIANCE = 1e-8
SEASONS = 4


@dataclass(frozen=True, slots=True)
class Level:
    """What was known of a firm's revenue without the shock.

    Parameters
    ----------
    firm
        The firm.
    last
        The last quarter that was known, numbered; of a firm of which too little was known, of the others.
    quarters
        How many quarters it rests on; 0 where it borrows what others do not know.
    growth_per_year, growth_sd
        Mean and standard deviation of the drift of the log level.
    paths
        ``[draw, quarter]`` revenue of the quarters after the last, but for the walk from there on; where
        nothing is known of the firm, as a multiple of what the scenario says.
    volatility
        ``[draw]`` standard deviation of the walk after a year.
    """

    firm: str
    last: int
    quarters: int
    growth_per_year: float
    growth_sd: float
    paths: Floats
    volatility: Floats

    @property
    def is_own(self) -> bool:
        """Whether it rests on the firm's own figures."""
        return self.quarters > 0


def level_of(known: Known, firm: str, ahead: int, seed: int) -> Level | None:
    """The level of a firm of which enough quarters were known; None of others.

    Parameters
    ----------
    known
        What was known.
    firm
        The firm.
    ahead
        Up to which numbered quarter its paths go.
    seed
        Of the draws.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    history = unbroken(known.quarters(firm))
    if len(history) < FEWEST_QUARTERS:
        return None
    last = max(history)
    model = UnobservedComponents(
        np.log(list(history.values())), level="rwdrift", seasonal=SEASONS, stochastic_seasonal=False
    )
    variance = _variance(model.smooth([1.0]))
    fitted = model.smooth([variance])
    generator = np.random.default_rng(int(squares_key(seed, "level", firm)))
    free = len(history) - SEASONS - 1
    spread = np.sqrt(free / generator.chisquare(free, DRAWS))
    state, covariance = fitted.filtered_state[:, -1], fitted.filtered_state_cov[:, :, -1]
    states = state + spread[:, None] * generator.multivariate_normal(np.zeros(len(state)), covariance, DRAWS)
    design, transition = model.ssm["design"][0], model.ssm["transition"]
    paths = []
    for _ in range(ahead - last):
        states = states @ transition.T
        paths.append(np.exp(states @ design))
    return Level(
        firm=firm,
        last=last,
        quarters=len(history),
        growth_per_year=float(SEASONS * state[1]),
        growth_sd=float(SEASONS * np.sqrt(covariance[1, 1])),
        paths=np.array(paths).T,
        volatility=np.sqrt(SEASONS * variance) * spread,
    )


def _variance(unscaled: Any) -> float:
    """The likeliest variance of the walk, the only one: that of the errors of a filter with variance 1."""
    first = unscaled.loglikelihood_burn
    errors = unscaled.forecasts_error[0, first:] ** 2 / unscaled.forecasts_error_cov[0, 0, first:]
    return max(float(errors.mean()), LEAST_VARIANCE)


def borrowed(firm: str, others: Sequence[Level], seed: int) -> Level:
    """What is not known of a firm without figures of its own: as much as of the others, on average.

    Parameters
    ----------
    firm
        The firm.
    others
        Levels of firms of which enough was known, at least one.
    seed
        Of the draws.
    """
    generator = np.random.default_rng(int(squares_key(seed, "level", firm)))
    growth_sd = float(np.mean([level.growth_sd for level in others]))
    last, ahead = others[0].last, others[0].paths.shape[1]
    years = np.arange(1, ahead + 1) / SEASONS
    return Level(
        firm=firm,
        last=last,
        quarters=0,
        growth_per_year=float("nan"),
        growth_sd=growth_sd,
        paths=np.exp(generator.normal(0.0, growth_sd, (DRAWS, 1)) * years),
        volatility=np.asarray(generator.permutation(np.mean([its.volatility for its in others], axis=0))),
    )


def fragment_of(level: Level, expected: Mapping[int, float]) -> dict[str, Any]:
    """What is laid over a scenario so that its demand without the shock follows the level.

    Parameters
    ----------
    level
        The level.
    expected
        What the scenario itself expects of the firm's revenue, by numbered quarter.

    Returns
    -------
    dict
        A demand shift for each quarter, its factors rows of one table, and a demand factor that walks from
        the middle of the last known quarter on.
    """
    table, covers = f"level-{level.firm}", {"sellers": [level.firm]}
    shifts = {}
    for place, path in enumerate(level.paths.T):
        quarter = level.last + 1 + place
        if quarter in expected:
            factors = path / expected[quarter] if level.is_own else path
            shifts[f"{table}-{quarter}"] = {
                "kind": "demand_shift",
                "title": f"Level of {level.firm} in {name_of(quarter)}",
                "date": first_day_of(quarter).isoformat(),
                "end": first_day_of(quarter + 1).isoformat(),
                "covers": covers,
                "factor": _row_of(table, factors),
            }
    start = first_day_of(level.last) + (first_day_of(level.last + 1) - first_day_of(level.last)) / 2
    walk = {
        "process": "random_walk",
        "volatility_per_year": _row_of(table, np.minimum(level.volatility, 5.0)),
        "start": start.isoformat(),
        "covers": covers,
    }
    return {"interventions": shifts, "demand_factors": {table: walk}}


def name_of(quarter: int) -> str:
    """A numbered quarter as people call it.

    Examples
    --------
    >>> name_of(4 * 2019 + 3)
    '2019Q4'
    """
    return f"{quarter // 4}Q{quarter % 4 + 1}"


def _row_of(table: str, values: Floats) -> dict[str, Any]:
    return {"dist": "empirical", "values": [float(f"{value:.6g}") for value in values], "table": table}
