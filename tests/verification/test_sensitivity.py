"""Sobol indices and the value of information against closed forms: test functions, and a known network."""

import numpy as np
import pytest
import yaml
from scipy import stats

from sim import sensitivity
from sim.risk.information import evpi, evppi
from sim.risk.sensitivity import Z, sobol_indices
from sim.risk.sensitivity_tables import PROCESS_NOISE
from tests.builders import day, shop

CHAPTER = "Sensitivity"
ROWS = 4096
STANDARD_ERRORS = 4.0
A, B = 7.0, 0.1


def ishigami(x):
    return np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])


def ishigami_indices():
    """First-order and total indices (Ishigami & Homma 1990)."""
    only_1 = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    only_2 = A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    variance = only_1 + only_2 + both
    return np.array([only_1, only_2, 0.0]) / variance, np.array([only_1 + both, only_2, both]) / variance


def told(intervals, index, errors=STANDARD_ERRORS):
    """An estimate with the tolerance that its own interval gives it."""
    error = (intervals.ci_high[index] - intervals.ci_low[index]) / (2.0 * Z)
    return {"simulated": intervals.estimate[index], "tolerance": errors * error, "kind": "z"}


def test_ishigami_function_within_its_intervals(verify, root_seed):
    """From a scrambled Sobol sequence, as in Saltelli et al. 2010; the intervals are those of random rows."""
    points = stats.qmc.Sobol(6, rng=root_seed).random(ROWS)
    a, b = np.split(np.pi * (2.0 * points.T - 1.0), 2)
    mixed = np.stack([ishigami(np.where(np.arange(3)[:, None] == i, b, a)) for i in range(3)])
    found = sobol_indices(ishigami(a), ishigami(b), mixed)
    for order, exact, intervals in zip(
        ("first-order", "total"), ishigami_indices(), (found.first_order, found.total_order), strict=True
    ):
        for index in range(3):
            verify(
                case=f"Ishigami function, {order} index of x{index + 1}, {ROWS} rows",
                source="Ishigami & Homma 1990",
                expected=exact[index],
                **told(intervals, index, errors=Z),
            )


def test_value_of_information_in_a_linear_gaussian_decision(verify, root_seed):
    """Two alternatives whose values differ by a normal number: a unit normal loss integral."""
    random = np.random.default_rng(root_seed)
    slopes, mean, noise = np.array([1.0, 0.5, 0.0]), 0.3, 0.7
    inputs = random.normal(size=(2 * ROWS, 3))
    gain = mean + inputs @ slopes + noise * random.normal(size=2 * ROWS)
    values = np.stack([np.zeros_like(gain), gain], axis=1)

    def exact(spread):
        z = mean / spread
        return spread * (stats.norm.pdf(z) + z * stats.norm.cdf(z)) - mean

    source = "Raiffa & Schlaifer 1961, ch. 5"
    partial = evppi(inputs, values)
    for index in (0, 1):
        verify(
            case=f"linear-Gaussian decision, EVPPI of an input with slope {slopes[index]:g}",
            source=source,
            expected=exact(slopes[index]),
            **told(partial, index),
        )
    verify(
        case="linear-Gaussian decision, EVPI",
        source=source,
        expected=exact(np.hypot(np.linalg.norm(slopes), noise)),
        **told(evpi(values), 0),
    )


# ---------------------------------------------------------------------- a network seen through

FIRST, SECOND, THIRD = (0.2, 0.8), (0.5, 1.0), (0.2, 0.8)
"""Ranges of three uniform factors of demand."""
PROBABILITY = 0.3
DAYS, PER_DAY, PRICE = 28, 10.0, 2.0
REVENUE = 2 * DAYS * PER_DAY * PRICE
HEDGE, INSURANCE = 330.0, 60.0
"""What the alternatives cost."""
FALLS = "interventions.{}.factor"


def fall(market, bounds, **more):
    """Demand of one market falls on the first day, by an uncertain factor."""
    low, high = bounds
    factor = {"dist": "uniform", "low": low, "high": high}
    shift = {"kind": "demand_shift", "title": "Fall", "date": day(0), "shock": True, "factor": factor}
    return shift | {"covers": {"markets": [market]}} | more


def two_markets():
    """A shop with stock for all: its loss share is (1 - f1 f2) / 2 + (1 - f3) / 2 if chance has it so."""
    stream = {
        "stock_point": "shelf",
        "mean_per_day": PER_DAY,
        "process": "constant",
        "price": PRICE,
        "patience_days": 0,
    }
    data = shop(
        DAYS,
        markets={"abroad": {"name": "Abroad", "country": "FR"}},
        demand={"home": stream | {"market": "home"}, "abroad": stream | {"market": "abroad"}},
        stock_points={"shelf": {"initial_on_hand": 1000.0, "policy": {"units": 1000.0}}},
        lanes={"parts": {"price": {"dist": "uniform", "low": 1.0, "high": 2.0}}},
        interventions={
            "first": fall("home", FIRST),
            "second": fall("home", SECOND),
            "third": fall("abroad", THIRD, probability=PROBABILITY),
        },
    )
    insured = {"title": "Insure", "set": {"interventions.third": None}, "cost": INSURANCE}
    hedged = {"title": "Hedge", "set": {"interventions.first": None, "interventions.second": None}}
    data["decision"] = {
        "title": "Cover",
        "alternatives": {"wait": {"title": "Wait"}, "hedge": hedged | {"cost": HEDGE}, "insure": insured},
    }
    return data


def mean_and_variance(bounds):
    low, high = bounds
    return 0.5 * (low + high), (high - low) ** 2 / 12.0


@pytest.fixture(scope="module")
def analysed(tmp_path_factory, root_seed):
    file = tmp_path_factory.mktemp("network") / "two-markets.yaml"
    file.write_text(yaml.safe_dump(two_markets(), sort_keys=False))
    return sensitivity.run(file, replications=2048, seed=root_seed, workers=2)


def network_indices():
    """(first order, total) by factor: a product, and a product with chance, of known moments."""
    (m1, v1), (m2, v2), (m3, v3) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    p, q, h = PROBABILITY, PROBABILITY * (1.0 - PROBABILITY), 1.0 - m3
    alone = {
        "first": m2**2 * v1,
        "second": m1**2 * v2,
        "third": p**2 * v3,
        "noise": q * h**2,
    }
    pair, with_chance = v1 * v2, q * v3
    variance = sum(alone.values()) + pair + with_chance
    more = {"first": pair, "second": pair, "third": with_chance, "noise": with_chance}
    factors = {name: FALLS.format(name) for name in ("first", "second", "third")} | {"noise": PROCESS_NOISE}
    return {
        factors[name]: (part / variance, (part + more[name]) / variance) for name, part in alone.items()
    } | {"lanes.parts.price": (0.0, 0.0)}


@pytest.mark.parametrize("factor", list(network_indices()))
def test_a_network_whose_loss_is_known(verify, analysed, factor):
    row = analysed.tables["sobol"].set_index("factor").loc[factor]
    for order, word, exact in zip(
        ("first_order", "total_order"), ("first-order", "total"), network_indices()[factor], strict=True
    ):
        error = (row[f"{order}_ci_high"] - row[f"{order}_ci_low"]) / (2.0 * Z)
        verify(
            case=f"two markets, {word} index of {factor}",
            source="variance of products of independent numbers",
            expected=exact,
            simulated=row[order],
            tolerance=STANDARD_ERRORS * error,
            kind="z",
        )


def test_what_it_is_worth_to_know_an_input_of_the_network(verify, analysed):
    """Hedging saves R (1 - f1 m2) / 2 on average if f1 is known, insuring R p (1 - m3) / 2."""
    low, high = FIRST
    (m1, _), (m2, _), (m3, _) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    known = np.linspace(low, high, 100_001)
    hedge = 0.5 * REVENUE * (1.0 - known * m2) - HEDGE
    insure = 0.5 * REVENUE * PROBABILITY * (1.0 - m3) - INSURANCE
    without = max(0.0, 0.5 * REVENUE * (1.0 - m1 * m2) - HEDGE, insure)
    row = analysed.tables["evpi"].set_index("input").loc[FALLS.format("first")]
    verify(
        case="two markets, EVPPI of interventions.first.factor",
        source="integral over a uniform number",
        expected=float(np.maximum(hedge, max(0.0, insure)).mean()) - without,
        simulated=row["evppi"],
        tolerance=STANDARD_ERRORS * (row["ci_high"] - row["evppi"]) / Z,
        kind="z",
    )
