"""Run folders to be disturbed, and what is in them."""

from pathlib import Path

import yaml

from sim import runs, study
from tests.builders import ban, shop

REPLICATIONS, CHUNK = 40, 8


def random_scenario():
    """A small scenario with every kind of chance, and sources that count for what is given only."""
    return shop(
        60,
        firms={"maker": {"source": "a book"}, "supplier": {"note": "nobody knows"}},
        stock_points={"shelf": {"source": "a paper", "confidence": "low", "holding_cost_per_unit_day": 0.01}},
        lanes={"parts": {"lead_time_days": {"dist": "uniform", "low": 1.0, "high": 9.0}}},
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 2}},
        interventions={"ban": ban(10, probability=0.8)},
        analysis={"window_days": 40},
    )


def scenario_in(folder: Path) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(random_scenario(), sort_keys=False))
    return file


def job_in(folder: Path, **how):
    return study.job_of(scenario_in(folder), **{"replications": REPLICATIONS, **how})


def finished_run(folder: Path, **how) -> Path:
    return runs.run(job_in(folder), folder / "run", runs.How(**{"chunk": CHUNK, **how}))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by name; the lock is none of the run's."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def figures(folder: Path) -> dict[str, bytes]:
    """What does not depend on how a run was cut into chunks."""
    return {
        name: content
        for name, content in contents(folder).items()
        if not name.startswith("parts/") and name != "summary.sha256"
    }
