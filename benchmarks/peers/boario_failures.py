"""The failure of each industry of economies in BoARIO, a simulation of a year for each.

Every industry buys of all. Half of the productive capital of one is lost on the 30th day and comes back
within 90 days.

Prints industries, days and seconds of processor time of all failures, line by line.
"""

import io
import logging
import time
import warnings
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pandas as pd
import pymrio  # type: ignore[import-not-found]
from boario.event import from_scalar_industries  # type: ignore[import-not-found]
from boario.extended_models import ARIOPsiModel  # type: ignore[import-not-found]
from boario.simulation import Simulation  # type: ignore[import-not-found]

DAYS = 365
SECTORS = 11
SIZES = (33, 99)


def economy(industries: int) -> pymrio.IOSystem:
    """A random input-output table."""
    generator = np.random.default_rng(1)
    regions = [f"r{region}" for region in range(industries // SECTORS)]
    sectors = [f"s{sector}" for sector in range(SECTORS)]
    names = pd.MultiIndex.from_product([regions, sectors], names=["region", "sector"])
    consumers = pd.MultiIndex.from_product([regions, ["households"]], names=["region", "category"])
    flows = pd.DataFrame(generator.uniform(1.0, 10.0, (industries, industries)), names, names)
    bought = generator.uniform(100.0, 200.0, (industries, len(regions)))
    return pymrio.IOSystem(Z=flows, Y=pd.DataFrame(bought, names, consumers)).calc_all()


def seconds_of_all(industries: int) -> float:
    """Processor time of the failure of each, without what is made once for all."""
    table = economy(industries)
    start = time.process_time()
    for industry in table.Z.index:
        run = Simulation(ARIOPsiModel(table), n_temporal_units_to_sim=DAYS)
        lost = from_scalar_industries(
            event_type="recovery",
            impact=0.5 * float(run.model.productive_capital[table.Z.index.get_loc(industry)]),
            affected_industries=[industry],
            impact_distrib="equal",
            occurrence=30,
            duration=1,
            recovery_tau=90,
        )
        run.add_event(lost)
        run.loop()
    return time.process_time() - start


def main() -> None:
    logging.disable()
    warnings.simplefilter("ignore")
    for industries in SIZES:
        silence = io.StringIO()
        with redirect_stdout(silence), redirect_stderr(silence):
            seconds = seconds_of_all(industries)
        print(industries, DAYS, seconds)


if __name__ == "__main__":
    main()
