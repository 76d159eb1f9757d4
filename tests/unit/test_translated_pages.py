"""Pages of every command in another language, and from the folder of which they are made."""

from pathlib import Path

import pytest

import sim
from sim.face.results import Result
from tests.pages import MADE, Desk
from tests.untranslated import left_in_english


@pytest.fixture(scope="module", params=MADE)
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What a command found."""
    return MADE[request.param](Desk(tmp_path_factory.mktemp(request.param)))


def test_no_word_of_a_page_is_left_in_english(result: Result):
    assert left_in_english(result) == []


def test_a_page_is_the_same_from_its_folder(result: Result, tmp_path: Path):
    result.save(tmp_path / "found")
    assert sim.open(tmp_path / "found").report(language="de") == result.report(language="de")
