"""The facts that the scenarios cite: every id is there, once, and nothing that was withdrawn."""

import csv
import math
import re
from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.scenario.walk import quantities_of

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
DATA = SCENARIOS / "data"
FILES = {"facts": "FN", "facts_derived": "D", "priors_unsourced": "U", "facts_industries": "I"}
ID = re.compile(r"\b[FNDUI][0-9]{3}\b")
WITHDRAWN = {"D050"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def ids(name: str) -> list[str]:
    return [row["id"] for row in rows(name)]


def cited_in(file: Path) -> set[str]:
    """All ids in a text; of a range such as F240-F242 both ends."""
    return set(ID.findall(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("name", "letters"), FILES.items())
def test_every_row_is_whole_and_has_an_id_of_its_own(name: str, letters: str) -> None:
    assert all(None not in row and None not in row.values() for row in rows(name))
    assert len(set(ids(name))) == len(ids(name))
    assert {name[0] for name in ids(name)} == set(letters)


@pytest.mark.parametrize(
    "file", sorted(SCENARIOS.rglob("*.yaml")), ids=lambda file: str(file.relative_to(SCENARIOS))
)
def test_what_a_scenario_cites_is_there(file: Path) -> None:
    assert cited_in(file) <= {name for data in FILES for name in ids(data)}


def test_what_was_withdrawn_is_not_shipped() -> None:
    assert WITHDRAWN.isdisjoint(ids("facts_derived"))


def test_the_readme_says_which_ids_there_are() -> None:
    told = (DATA / "README.md").read_text(encoding="utf-8")
    for name, letters in FILES.items():
        for letter in letters:
            found = sorted(one for one in ids(name) if one[0] == letter)
            assert f"{found[0]}-{found[-1]}" in told


# ---------------------------------------------------------------------- confidence

PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
RANGE = re.compile(r"\b([FNDUI])([0-9]{3})-(?:\1)([0-9]{3})\b")
LIBRARY = [*sorted(SCENARIOS.glob("entity-list-2019*.yaml")), SCENARIOS / "ai-software-2019.yaml"]


def in_values(number: float, values: list[float]) -> bool:
    """Whether a number is one of some values, up to its unit: 0.25 is 25 %, 1.3 an increase by 30 %."""
    scaled = [value * 10.0**power for value in values for power in (-3, -2, 0, 3)]
    return any(math.isclose(number, value, rel_tol=1e-3) for value in [*scaled, *(1.0 + x for x in scaled)])


def cited_ids(source: str) -> set[str]:
    found = set(ID.findall(source))
    for letter, first, last in RANGE.findall(source):
        found |= {f"{letter}{number:03d}" for number in range(int(first), int(last) + 1)}
    return found


def test_only_a_number_that_stands_in_its_source_has_high_confidence() -> None:
    values = {
        row["id"]: [float(text) for text in PLAIN.findall(row["value"])]
        for name in FILES
        for row in rows(name)
    }
    bad = set()
    for file in LIBRARY:
        for located in quantities_of(load_scenario(file)):
            quantity = located.quantity
            if quantity.confidence == "high":
                told = [x for name in cited_ids(quantity.source or "") for x in values.get(name, [])]
                points = [getattr(quantity, point, None) for point in ("value", "low", "mode", "high")]
                if not all(in_values(point, told) for point in points if point is not None):
                    bad.add(f"{file.stem}: {'.'.join(located.path)}")
    assert bad == set()
