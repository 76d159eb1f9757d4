"""The facts that the scenarios cite: every id is there, once, and nothing that was withdrawn."""

import csv
import re
from pathlib import Path

import pytest

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
