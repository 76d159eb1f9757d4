"""The explorer in other languages: its page, what it is answered and what it shares."""

import asyncio
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.explorer import words
from sim.explorer.moved import Moved
from sim.explorer.server import Explorer
from sim.explorer.session import Session
from sim.report import language
from sim.report.language import speaking
from sim.scenario.portfolios import Taken
from tests.untranslated import RUNIC, named

LEVERS = Path(__file__).parents[2] / "scenarios" / "first-scenario-levers.yaml"
UNTOLD = re.compile(
    r'(?:text|textContent|"aria-label"|placeholder|title)(?::| =) ["`]([^"`$]*[A-Za-z]{2,}[^"`]*)["`]'
)
"""What a script gives a reader without asking for its translation."""
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def session():
    with Session(LEVERS, futures=64, workers=1) as its:
        yield its


def seen(html: str) -> str:
    """What a reader sees of a page, and what is read aloud, without commands."""
    body = re.sub(r"<(script|style|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join([*re.findall(r'aria-label="([^"]*)"', body), re.sub(r"<[^>]*>", " ", body)])


def test_what_scripts_say_is_given_to_them():
    text = words.template("page.js")
    said = set(re.findall(r'tell\("((?:[^"\\]|\\.)+)"', text))
    figures = re.search(r"const FIGURES = (.*);", text)
    assert figures is not None
    said |= set(re.findall(r', "([^"]+)"\]', figures[1]))
    assert said == set(words._SCRIPTED)


def test_scripts_say_nothing_else():
    told = UNTOLD.findall(words.template("page.js"))
    assert told == []


def test_no_word_of_the_page_is_left_in_english():
    with patch.object(language, "language", lambda _: RUNIC), speaking("zh"):
        html = words.page_html()
    assert WORD.findall(seen(html)) == []


def test_a_page_in_english_needs_no_catalogue():
    assert '<html lang="en">' in words.page_html()
    assert "tongue" not in words.page_html()


def test_a_translation_cannot_end_the_words_of_scripts():
    hostile = RUNIC.words
    with (
        patch.object(type(hostile), "gettext", lambda _self, _text: "</script><b>"),
        patch.object(language, "language", lambda _: RUNIC),
        speaking("zh"),
    ):
        html = words.page_html()
    assert html.count("</script>") == html.count("<script")
    assert "<b>" not in html


def test_answers_are_in_the_language_in_which_the_page_was_made(session: Session):
    with speaking("de"):
        explorer = Explorer(session)
    assert explorer.beginning()["controls"]["chances"][0]["field"] == "probability"
    explorer._begun = None
    begun = asyncio.run(explorer._in_thread(explorer.beginning))
    assert begun["controls"]["chances"][0]["field"] == "Wahrscheinlichkeit"
    assert begun["controls"]["dates"][0]["field"] == "erster Tag"
    shared = asyncio.run(explorer._in_thread(lambda: explorer.shared([])))
    assert '<html lang="de">' in shared
    assert "Was versucht wurde" in shared
    explorer.close()


def test_no_word_of_what_is_shared_is_left_in_english(session: Session):
    with patch.object(language, "language", lambda _: RUNIC), speaking("zh"):
        explorer = Explorer(session)
        html = explorer.shared([("A", Moved(levers=(Taken("stock", 60.0),)))])
        explorer.close()
    known = {*named(session.scenario.model_dump()), *WORD.findall(LEVERS.name)}
    settings = re.sub(r"<li>.*?</li>", "", html)
    assert set(WORD.findall(seen(settings))) - known == set()


@pytest.mark.parametrize("command", [["explore"], ["export-explorer"]])
def test_an_unknown_language_is_refused_and_nothing_written(command: list[str], tmp_path: Path):
    target = [str(tmp_path / "out.html")] if command == ["export-explorer"] else []
    ended = CliRunner().invoke(main, [*command, str(LEVERS), *target, "--language", "german"])
    assert (ended.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "did you mean 'german (de)'?" in ended.output
