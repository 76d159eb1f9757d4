"""An economy of 3 regions with 11 sectors in BoARIO: 33 industries, each with stocks of all inputs.

BoARIO knows flows of money between industries of an input-output table, no lead times, orders in transit or
firms; one region loses part of its productive capital on the way.

Prints industries, days and seconds of processor time.
"""

import io
import logging
import time
import warnings
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pandas as pd
import pymrio  # type: ignore[import-not-found]
from boario.event import from_scalar_regions_sectors  # type: ignore[import-not-found]
from boario.extended_models import ARIOPsiModel  # type: ignore[import-not-found]
from boario.simulation import Simulation  # type: ignore[import-not-found]

DAYS = 1095
REGIONS = [f"r{index}" for index in range(3)]
SECTORS = [f"s{index}" for index in range(11)]


def economy() -> pymrio.IOSystem:
    """A random input-output table."""
    generator = np.random.default_rng(1)
    industries = pd.MultiIndex.from_product([REGIONS, SECTORS], names=["region", "sector"])
    consumers = pd.MultiIndex.from_product([REGIONS, ["households"]], names=["region", "category"])
    flows = pd.DataFrame(generator.uniform(1.0, 10.0, (33, 33)), industries, industries)
    consumption = pd.DataFrame(generator.uniform(100.0, 200.0, (33, 3)), industries, consumers)
    return pymrio.IOSystem(Z=flows, Y=consumption).calc_all()


def simulation() -> Simulation:
    event = from_scalar_regions_sectors(
        event_type="recovery",
        impact=1e8,
        affected_regions=[REGIONS[0]],
        affected_sectors=SECTORS,
        impact_regional_distrib="equal",
        impact_sectoral_distrib="equal",
        occurrence=500,
        duration=30,
        recovery_tau=300,
    )
    result = Simulation(ARIOPsiModel(economy()), n_temporal_units_to_sim=DAYS)
    result.add_event(event)
    return result


def main() -> None:
    logging.disable()
    warnings.simplefilter("ignore")
    silence = io.StringIO()
    with redirect_stdout(silence), redirect_stderr(silence):
        run = simulation()
        start = time.process_time()
        run.loop()
        seconds = time.process_time() - start
    print(len(REGIONS) * len(SECTORS), DAYS, seconds)


if __name__ == "__main__":
    main()
