"""Sobol indices and the value of information against closed forms: test functions, and a known network."""

import numpy as np
import pytest
import yaml
from scipy import stats

from sim.risk.information import evpi, evppi
from sim.risk.sensitivity_indices import Z, sobol_indices
from sim.risk.sensitivity_tables import PROCESS_NOISE
from sim.stories import sensitivity
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


def _step(x, noise):
    return 10.0 * (x > 0.7) - 4.0 + 2.0 * noise


def _late_step(x, _):
    return 100.0 * (x > 0.97) - 4.0


def _yes_or_no(x, noise):
    return 10.0 * (x < 0.2) - 3.0 + 4.0 * noise


STEPS = {
    "a step at 0.7": (_step, lambda x: x, 0.3 * 6.0),
    "a step at 0.97": (_late_step, lambda x: x, 0.03 * 96.0),
    "a yes-or-no of probability 0.2": (_yes_or_no, lambda x: (x < 0.2).astype(float), 0.2 * 7.0),
}


@pytest.mark.parametrize("case", STEPS)
def test_value_of_information_where_the_gain_jumps(verify, root_seed, case):
    """The second alternative gains by a jump and would lose on average: what it is worth to see the jump."""
    random = np.random.default_rng(root_seed)
    gain, seen, exact = STEPS[case]
    x, noise = random.uniform(size=2 * ROWS), random.normal(size=2 * ROWS)
    values = np.stack([np.zeros_like(x), gain(x, noise)], axis=1)
    partial = evppi(seen(x)[:, None], values)
    verify(
        case=f"EVPPI of {case}",
        source="share of futures x gain in them",
        expected=exact,
        **told(partial, 0),
    )
    assert partial.estimate[0] <= evpi(values).estimate[0]


# ---------------------------------------------------------------------- a network seen through

FIRST, SECOND, THIRD = (0.2, 0.8), (0.5, 1.0), (0.2, 0.8)
"""Ranges of three uniform factors of demand."""
PROBABILITY = 0.3
DAYS, PER_DAY, PRICE = 28, 10.0, 2.0
REVENUE = 2 * DAYS * PER_DAY * PRICE
HEDGE, INSURANCE = 80.0, 20.0
"""What the alternatives cost."""
FALLS, HAPPENS = "interventions.{}.factor", "interventions.third.happens"


def fall(market, bounds, **more):
    """Demand of one market falls on the first day, by an uncertain factor."""
    low, high = bounds
    factor = {"dist": "uniform", "low": low, "high": high}
    shift = {"kind": "demand_shift", "title": "Fall", "date": day(0), "shock": True, "factor": factor}
    return shift | {"covers": {"markets": [market]}} | more


def two_markets():
    """A shop with stock for all: its loss share is (1 - f1 f2) / 2, + (1 - f3) / 2 if the third happens."""
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
    """(first order, total) by factor: a product, and a product with an event, of known moments."""
    (m1, v1), (m2, v2), (m3, v3) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    p, q, h = PROBABILITY, PROBABILITY * (1.0 - PROBABILITY), 1.0 - m3
    alone = {
        "first": m2**2 * v1,
        "second": m1**2 * v2,
        "third": p**2 * v3,
        "event": q * h**2,
    }
    pair, with_event = v1 * v2, q * v3
    variance = sum(alone.values()) + pair + with_event
    more = {"first": pair, "second": pair, "third": with_event, "event": with_event}
    factors = {name: FALLS.format(name) for name in ("first", "second", "third")} | {"event": HAPPENS}
    return {
        factors[name]: (part / variance, (part + more[name]) / variance) for name, part in alone.items()
    } | {"lanes.parts.price": (0.0, 0.0), PROCESS_NOISE: (0.0, 0.0)}


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


def margins():
    """What full sales earn in each market, on average: parts cost 1.5."""
    return DAYS * PER_DAY * (PRICE - 1.5)


def test_what_it_is_worth_to_know_an_input_of_the_network(verify, analysed):
    """Hedging earns M (1 - f1 m2) more on average if f1 is known, insuring M p (1 - m3)."""
    low, high = FIRST
    (m1, _), (m2, _), (m3, _) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    known = np.linspace(low, high, 100_001)
    hedge = margins() * (1.0 - known * m2) - HEDGE
    insure = margins() * PROBABILITY * (1.0 - m3) - INSURANCE
    without = max(0.0, margins() * (1.0 - m1 * m2) - HEDGE, insure)
    row = analysed.tables["evpi"].set_index("input").loc[FALLS.format("first")]
    verify(
        case="two markets, EVPPI of interventions.first.factor",
        source="integral over a uniform number",
        expected=float(np.maximum(hedge, max(0.0, insure)).mean()) - without,
        simulated=row["evppi"],
        tolerance=STANDARD_ERRORS * (row["ci_high"] - row["evppi"]) / Z,
        kind="z",
    )


def test_what_it_is_worth_to_know_an_event_of_the_network(verify, analysed):
    """If the third fall happens, insuring earns M (1 - m3) more, if not it only costs."""
    (m1, _), (m2, _), (m3, _) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    hedge = margins() * (1.0 - m1 * m2) - HEDGE
    insure = margins() * (1.0 - m3) - INSURANCE, -INSURANCE
    without = max(0.0, hedge, PROBABILITY * insure[0] + (1.0 - PROBABILITY) * insure[1])
    shares = (PROBABILITY, 1.0 - PROBABILITY)
    exact = sum(share * max(0.0, hedge, gain) for share, gain in zip(shares, insure, strict=True)) - without
    row = analysed.tables["evpi"].set_index("input").loc[HAPPENS]
    verify(
        case="two markets, EVPPI of interventions.third.happens",
        source="two branches of a tree",
        expected=exact,
        simulated=row["evppi"],
        tolerance=STANDARD_ERRORS * (row["ci_high"] - row["evppi"]) / Z,
        kind="z",
    )


@pytest.mark.parametrize("alternative", ["wait", "hedge", "insure"])
def test_what_an_alternative_earns_in_the_network(verify, analysed, alternative):
    """The margin on what is sold, less the stated cost; stock stays as it is."""
    (m1, _), (m2, _), (m3, _) = (mean_and_variance(bounds) for bounds in (FIRST, SECOND, THIRD))
    home = 1.0 if alternative == "hedge" else m1 * m2
    abroad = 1.0 if alternative == "insure" else 1.0 - PROBABILITY * (1.0 - m3)
    cost = {"wait": 0.0, "hedge": HEDGE, "insure": INSURANCE}[alternative]
    row = analysed.tables["alternatives"].set_index("alternative").loc[alternative]
    verify(
        case=f"two markets, what is earned: {alternative}",
        source="mean of products of independent numbers",
        expected=margins() * (home + abroad) - cost,
        simulated=row["value"],
        tolerance=STANDARD_ERRORS * (row["value_ci_high"] - row["value"]) / Z,
        kind="z",
    )
