"""Posteriors of a calibration: against quadrature, where two figures know two inputs along a curve."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from sim.evidence import posterior
from sim.evidence.emulator import Emulator, fitted
from sim.evidence.posterior import Aim, _log_density, posterior_of, spread_out

SHARE = 0.01


def figures(points, generator):
    """Revenue, a product of both inputs, and a stock that falls with the first, with noise."""
    wanted, price = np.exp(0.5 * points.T)
    mean = np.column_stack([1000.0 * wanted * price, 900.0 - 20.0 * wanted])
    return mean + generator.normal(0.0, (30.0, 6.0), mean.shape)


def by_quadrature(emulator, aim):
    """Mean and standard deviation of each input, on a grid that holds nearly all of the prior."""
    axis = np.linspace(-4.0, 4.0, 41)
    points = np.array(np.meshgrid(axis, axis, np.linspace(-3.0, 3.0, 13), indexing="ij")).reshape(3, -1).T
    density = np.exp(_log_density(emulator, aim, points))
    density /= density.sum()
    mean = density @ points[:, :2]
    return mean, np.sqrt(density @ (points[:, :2] - mean) ** 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chains_find_what_quadrature_finds(seed):
    generator = np.random.default_rng(seed)
    points = spread_out(2, 96, seed)
    emulator = fitted(points, figures(points, generator), seed)
    reported = figures(np.array([[0.8, 1.6]]), generator)[0]
    aim = Aim(reported, np.array([60.0, 3.0]), SHARE)
    mean, sd = by_quadrature(emulator, aim)
    draws, discrepancy = posterior_of(emulator, aim, 2, seed)
    assert draws.mean(axis=0) == pytest.approx(mean, abs=0.2)
    assert draws.std(axis=0) == pytest.approx(sd, rel=0.2)
    assert np.median(discrepancy) == pytest.approx(0.67 * SHARE, rel=0.4)


def test_chains_solve_their_small_matrices_on_one_thread(monkeypatch):
    """Two threads take five times the CPU of one, and as long."""
    points = spread_out(2, 32, 1)
    emulator = fitted(points, figures(points, np.random.default_rng(1)), 1)
    predict, threads = Emulator.predict, []

    def watched(self, points):
        threads.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
        return predict(self, points)

    monkeypatch.setattr(Emulator, "predict", watched)
    monkeypatch.setattr(posterior, "STEPS", 3)
    monkeypatch.setattr(posterior, "BURNED", 1)
    posterior_of(emulator, Aim(np.array([1000.0, 880.0]), np.array([60.0, 3.0]), SHARE), 2, 1)
    assert len(threads) > 3
    assert threads[1:] == [{1}] * (len(threads) - 1)
