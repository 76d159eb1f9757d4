"""What is told where all that is compared does not draw the uncertain numbers that it shares alike."""

import json
from pathlib import Path

import pytest

import sim
from sim.face.results import Result
from tests.builders import ban, shop

UNIFORM = {"dist": "uniform", "low": 0.5, "high": 1.5}
COUNT = 40
CERTAIN = {f"lanes.way-{number}.price": 1.0 for number in range(4)}
DEARER = {"demand.home.price": 3.0}
TOLD = "uncertain numbers do not have the same samples in all that is compared"


def file_in(folder: Path, settings: dict[str, float]) -> Path:
    """Many lanes of uncertain price, and a lever and an alternative with some settings."""
    lane = {"supplier": "source", "buyer": "shelf", "price": UNIFORM}
    data = shop(
        60,
        lanes={f"way-{number}": lane for number in range(COUNT)},
        interventions={"ban": ban(20, duration_days=20, probability=0.8)},
        levers={"deal": {"title": "A deal", "set": settings}},
        decision={
            "title": "A deal",
            "alternatives": {"none": {"title": "No deal"}, "deal": {"title": "A deal", "set": settings}},
        },
    )
    file = folder / "deal.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def compared(folder: Path, settings: dict[str, float]) -> Result:
    words = [f"{path}={value}" for path, value in settings.items()]
    return sim.compare(file_in(folder, settings), variants={"deal": words}, replications=16, workers=1)


def mitigated(folder: Path, settings: dict[str, float]) -> Result:
    return sim.mitigate(file_in(folder, settings), replications=64, evaluations=4, workers=1)


def swept(folder: Path, settings: dict[str, float]) -> Result:
    return sim.sweep_levers(file_in(folder, settings), "deal", replications=16, workers=1)


def decided(folder: Path, settings: dict[str, float]) -> Result:
    return sim.sensitivity(file_in(folder, settings), replications=32, workers=1)


def told(result: Result) -> str:
    """How its page says that futures are counted, and what it rests on."""
    page = result.to_report().page
    return " ".join([page.reading, *(section.lead for section in page.sections)])


@pytest.mark.parametrize("command", [compared, mitigated, swept, decided])
def test_numbers_that_are_sampled_apart_are_told(command, tmp_path: Path):
    result = command(tmp_path, CERTAIN)
    found = result.summary["sampled_apart"]
    assert 0.0 < found["share"] <= 1.0
    assert not set(found["inputs"]) & set(CERTAIN)
    assert f"some of {len(found['inputs'])} {TOLD}" in told(result)
    assert ("worth to know" in told(result)) == (command is decided)


@pytest.mark.parametrize("command", [compared, mitigated, swept, decided])
def test_nothing_is_told_where_all_are_sampled_alike(command, tmp_path: Path):
    result = command(tmp_path, DEARER)
    assert "sampled_apart" not in result.summary
    assert "the same sample" not in told(result)
