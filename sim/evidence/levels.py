"""The level of demand that was known on a day: a damped trend with noise, estimated from reported quarters.

The logarithm of a firm's quarterly revenue is a level that walks and grows, a season that stays, and noise
[1]_. Growth dies out by a share a quarter, and changes [2]_. How much it does, and how large the noise is
beside the steps of the walk, few quarters cannot tell: all of some candidates count, each by the density that
it gave to the quarters after the first four [3]_. The Kalman filter tells what is not known of level, growth
and season; the variance of the walk is drawn from its posterior.

References
----------
.. [1] Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, 1989, ch. 2 and 4.
.. [2] Gardner & McKenzie, "Forecasting trends in time series", Management Science 31 (1985).
.. [3] Hoeting, Madigan, Raftery & Volinsky, "Bayesian model averaging: a tutorial", Statistical Science 14
   (1999).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from sim.engines.random import squares_key
from sim.evidence.known import Known, first_day_of, unbroken, year_from
from sim.model.plan import Floats

FEWEST_QUARTERS = 8
"""Two years: level, growth and season are five numbers."""
DRAWS = 256
LEAST_VARIANCE = 1e-8
SEASONS = 4
KEPT, CHANGE, NOISE = (0.8, 0.9, 1.0), (0.0, 0.1), (0.0, 0.3, 1.0, 3.0)
"""Shares of growth that candidates keep a quarter; variances of its changes and of noise, a step having 1."""


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
    beside
        The firm of which it is a part, if only a year of its own was known; empty if none.
    growth_per_year, growth_sd
        Mean and standard deviation of the growth of the log level in the year after the last quarter.
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
    beside: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it rests on the firm's own figures."""
        return self.quarters > 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A model of log revenue, filtered: all but the variance of the walk, which scales it."""

    transition: Floats
    design: Floats
    change: float
    noise: float
    state: Floats
    covariance: Floats
    squares: float
    log_density: float


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
    history = unbroken(known.quarters(firm))
    if len(history) < FEWEST_QUARTERS:
        return None
    last, logarithms = max(history), np.log(list(history.values()))
    candidates = [_filtered(logarithms, *parts) for parts in product(KEPT, CHANGE, NOISE)]
    generator = np.random.default_rng(int(squares_key(seed, "level", firm)))
    counts = generator.multinomial(DRAWS, _weights(candidates))
    free = len(history) - SEASONS
    growth, paths, steps = [], [], []
    for candidate, count in zip(candidates, counts.tolist(), strict=True):
        sd = np.sqrt(candidate.squares / generator.chisquare(free, count))
        states = candidate.state + sd[:, None] * generator.multivariate_normal(
            np.zeros(len(candidate.state)), candidate.covariance, count
        )
        year = np.linalg.matrix_power(candidate.transition, SEASONS)
        growth.append(states[:, 1] * year[0, 1])
        paths.append(_ahead(candidate, states, sd, ahead - last, generator))
        steps.append(sd)
    grown = np.concatenate(growth)
    return Level(
        firm=firm,
        last=last,
        quarters=len(history),
        growth_per_year=float(grown.mean()),
        growth_sd=float(grown.std()),
        paths=np.exp(np.concatenate(paths)),
        volatility=np.sqrt(SEASONS) * np.concatenate(steps),
    )


def _filtered(logarithms: Floats, kept: float, change: float, noise: float) -> _Candidate:
    """What a candidate makes of known quarters; its prior growth has the variance of a step of the walk."""
    from statsmodels.tsa.statespace.initialization import Initialization
    from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

    transition = np.zeros((SEASONS + 1, SEASONS + 1))
    transition[0, :2], transition[1, 1], transition[2, 2:] = 1.0, kept, -1.0
    transition[3:, 2:-1] = np.eye(SEASONS - 2)
    design = np.array([1.0, 0.0, 1.0, *[0.0] * (SEASONS - 2)])
    start = Initialization(SEASONS + 1)
    start.set(0, "diffuse")
    start.set(1, "known", constant=[0.0], stationary_cov=[[1.0]])
    start.set((2, SEASONS + 1), "diffuse")
    model = KalmanFilter(
        1,
        SEASONS + 1,
        2,
        initialization=start,
        design=design[None],
        obs_cov=[[noise]],
        transition=transition,
        selection=np.eye(SEASONS + 1, 2),
        state_cov=np.diag([1.0, change]),
    )
    model.bind(logarithms)
    found = model.filter()
    variance = found.forecasts_error_cov[0, 0, SEASONS:]
    squares = float((found.forecasts_error[0, SEASONS:] ** 2 / variance).sum())
    squares = max(squares, LEAST_VARIANCE * len(variance))
    return _Candidate(
        transition=transition,
        design=design,
        change=change,
        noise=noise,
        state=found.filtered_state[:, -1],
        covariance=found.filtered_state_cov[:, :, -1],
        squares=squares,
        log_density=-0.5 * float(np.log(variance).sum() + len(variance) * np.log(squares)),
    )


def _weights(candidates: Sequence[_Candidate]) -> Floats:
    """What each candidate counts after the known quarters, all having counted the same before."""
    densities = np.array([candidate.log_density for candidate in candidates])
    shares = np.exp(densities - densities.max())
    weights: Floats = shares / shares.sum()
    return weights


def _ahead(
    candidate: _Candidate, states: Floats, sd: Floats, quarters: int, generator: np.random.Generator
) -> Floats:
    """``[draw, quarter]`` log revenue from states on, without the steps of the walk that are to come."""
    paths = np.empty((len(states), quarters))
    for place in range(quarters):
        change, noise = generator.normal(size=(2, len(states)))
        states = states @ candidate.transition.T
        states[:, 1] += sd * np.sqrt(candidate.change) * change
        paths[:, place] = states @ candidate.design + sd * np.sqrt(candidate.noise) * noise
    return paths


def part_of(known: Known, firm: str, others: Sequence[Level], seed: int) -> Level | None:
    """The level of a firm of which a year was known: its part of another's revenue then, which drifts.

    Its part grows or shrinks from the middle of that year on, by a rate that is as uncertain as the other's
    growth. The season and the growth are the other's, and so are the quarters that were known of it since.

    Parameters
    ----------
    known
        What was known.
    firm
        The firm.
    others
        Levels of firms of which enough was known, the one to go by first.
    seed
        Of the draws.

    Returns
    -------
    Level or None
        None if no year was known of it of which all quarters were known of another.
    """
    years = known.years(firm)
    for first in sorted(years, reverse=True):
        for other in others:
            its = unbroken(known.quarters(other.firm))
            if year := year_from(its, first):
                return _part(firm, other, its, first=first, part=years[first] / sum(year), seed=seed)
    return None


def _part(firm: str, other: Level, its: Mapping[int, float], *, first: int, part: float, seed: int) -> Level:
    generator = np.random.default_rng(int(squares_key(seed, "level", firm)))
    last = first + SEASONS - 1
    known = np.array([its[quarter] for quarter in range(last + 1, other.last + 1)])
    order = generator.permutation(DRAWS)
    whole = np.hstack([np.tile(known, (DRAWS, 1)), other.paths[order]])
    years = (np.arange(whole.shape[1]) + (SEASONS + 1) / 2) / SEASONS
    drift = np.exp(generator.normal(0.0, other.growth_sd, (DRAWS, 1)) * years)
    return Level(
        firm=firm,
        last=last,
        quarters=SEASONS,
        growth_per_year=other.growth_per_year,
        growth_sd=float(np.sqrt(2.0) * other.growth_sd),
        paths=part * drift * whole,
        volatility=other.volatility[order],
        beside=other.firm,
    )


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
