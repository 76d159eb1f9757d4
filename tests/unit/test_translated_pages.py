"""Pages of every command in another language: no word of theirs is left in English."""

from pathlib import Path

import pytest

from tests.pages import MADE
from tests.untranslated import left_in_english


@pytest.mark.parametrize("kind", MADE)
def test_no_word_of_a_page_is_left_in_english(kind: str, tmp_path: Path):
    assert left_in_english(MADE[kind](tmp_path)) == []
