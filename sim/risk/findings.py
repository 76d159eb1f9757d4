"""What a study found: the one object that the report draws and the run folder keeps."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures of one study, aggregated over its replications.

    Parameters
    ----------
    scenario
        The scenario that was simulated; its ids appear in the tables, its names in the report.
    manifest
        How the figures came about: command, seed, replications, digest, versions, scenario file.
    summary
        The headline measures of every maker.
    tables
        Named tables, described in ``docs/results.md``; identifiers are scenario ids.
    """

    scenario: Scenario
    manifest: dict[str, Any]
    summary: dict[str, Any]
    tables: dict[str, pd.DataFrame]
