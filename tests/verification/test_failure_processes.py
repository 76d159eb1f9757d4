"""What a stress test expects of failure processes a year, beside many simulated years of them."""

import pytest
import yaml

import sim
from tests.builders import shop
from tests.verification.estimate import over_replications

CHAPTER = "Stress test"
YEARS, FUTURES = 10, 256
DAYS = 365 * YEARS


def mill(directory, mttf, mttr, **lane):
    """A shelf of 50 parts, of which 10 a day are sold; its supplier goes down and comes back."""
    stops = {
        "kind": "disruption",
        "title": "Stops",
        "pauses": "orders",
        "date": 0,
        "shock": True,
        "lanes": {"suppliers": ["supplier"]},
        "markov": {"mean_days_to_failure": mttf, "mean_days_to_recover": mttr},
    }
    data = shop(
        DAYS,
        stock_points={"shelf": {"policy": {"units": 50.0}, "initial_on_hand": 50.0}},
        lanes={"parts": {"lead_time_days": 0} | lane},
        demand={"home": {"patience_days": 0}},
        interventions={"stops": stops},
        analysis={"window_days": DAYS},
    )
    file = directory / "mill.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return file


def a_year(file):
    """Expected annual loss by the stress test, and the loss of a year of each simulated future."""
    expected = sim.stress(file, pairs_among=(), workers=1).tables["stress_likelihood"]
    run = sim.run(file, replications=FUTURES, workers=1).tables["makers"]["loss"]
    return expected.set_index("node")["expected_annual_loss"]["supplier"], run.to_numpy() / YEARS


def test_rare_stops_cost_a_year_what_the_stress_test_expects(verify, tmp_path):
    mttf, mttr = 110.0, 10.0
    expected, lost = a_year(mill(tmp_path, mttf, mttr))
    verify(
        case="stops every 120 days for 10: expected annual loss, by hand",
        source="365 / (MTTF + MTTR) · 20 · MTTR · (1 − 1/MTTR)⁵",
        expected=365 / (mttf + mttr) * 20.0 * mttr * (1.0 - 1.0 / mttr) ** 5,
        simulated=expected,
        tolerance=0.1,
    )
    verify(
        case="stops every 120 days for 10: loss a year in 2,560 simulated years",
        source="expected annual loss of the stress test",
        expected=expected,
        **over_replications(lost),
    )


@pytest.mark.slow
def test_stops_that_meet_empty_shelves_cost_more_than_the_stress_test_expects(tmp_path):
    """A shelf that fills up again by 2 parts a day needs 25 days for it: the limit that the model names."""
    expected, lost = a_year(mill(tmp_path, 12.0, 8.0, capacity_per_day=12.0))
    assert lost.mean() / expected == pytest.approx(1.43, abs=0.05)
