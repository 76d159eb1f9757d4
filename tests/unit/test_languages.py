"""Pages in other languages: complete catalogues, one notation, texts that stay text."""

import ast
import gettext
import json
import re
import string
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hatchling.builders.wheel import WheelBuilder

import sim
from sim.cli import main
from sim.errors import SimError
from sim.report import input_names, language, scripted
from sim.report.language import LANGUAGES, say, say_many, speaking
from sim.report.numbers import Money, day, days, percent, percent_range, share_format, significant
from sim.report.page import page_of, rendered
from sim.report.scripts import plotly_script
from tests.browser.fake_findings import fake_findings
from tests.catalogues import CATALOGUES, EXPLORER, REPORT, called_for, catalogue, file_of, forms, texts

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "sim" / "report" / "templates"
MARKUP = re.compile(r"[<>&]|%\{|\$")
NO_BREAK = "\u00a0"


def places(text: str) -> set[str]:
    """Names of the values in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The same report in all languages."""
    made = {}
    for code in LANGUAGES:
        with speaking(code):
            made[code] = rendered(page_of(fake_findings()))
    return made


def visible(html: str) -> Iterator[str]:
    """The texts of a page and of attributes that are read aloud, without scripts and styles."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    yield from re.findall(r'(?:aria-label|title)="([^"]*)"', body)
    yield from (text.strip() for text in re.findall(r">([^<>]+)<", body) if text.strip())


# ---------------------------------------------------------------------- catalogues


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_catalogue_has_all_texts_that_are_called_for_and_no_others(code: str):
    assert {entry.id for entry in texts(catalogue(code))} == {entry.id for entry in texts(called_for())}


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_text_is_translated_and_none_is_a_guess(code: str):
    found = catalogue(code)
    assert [entry.id for entry in texts(found) if not all(forms(entry.string))] == []
    assert [entry.id for entry in texts(found) if entry.fuzzy] == []
    wrong = [
        entry.id
        for entry in texts(found)
        if entry.pluralizable and len(forms(entry.string)) != found.num_plurals
    ]
    assert wrong == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_has_the_values_of_its_text(code: str):
    for entry in texts(catalogue(code)):
        *_, many = forms(entry.id)
        *one, last = forms(entry.string)
        assert places(last) == places(many), entry.id
        assert all(places(many) - {"number"} <= places(form) <= places(many) for form in one), entry.id


@pytest.mark.parametrize("code", CATALOGUES)
def test_no_translation_holds_markup(code: str):
    assert [
        entry.string for entry in texts(catalogue(code)) if any(map(MARKUP.search, forms(entry.string)))
    ] == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_what_is_read_at_run_time_is_what_the_text_says(code: str):
    with file_of(code, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in texts(catalogue(code)):
        one, *many = forms(entry.id)
        if not many:
            assert compiled.gettext(one) == entry.string
            continue
        for number in range(12):
            assert compiled.ngettext(one, many[0], number) in forms(entry.string)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_an_event_decides_begins_with_whether(code: str):
    questions = [*input_names._DECIDED.values(), *input_names._QUESTIONS.values()]
    with speaking(code):
        assert all(say(text, firm="X").startswith(say(input_names.WHETHER)) for text in questions)


def fixed_labels(module: ast.Module) -> Iterator[str]:
    """What stands in the code itself as a heading of a chapter, a head of a table or the title of an axis."""
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(module):
        for text in labels_of(node):
            yield from untranslated(text, given)


def labels_of(node: ast.AST) -> list[ast.expr]:
    """The expressions in a node that a reader sees as a heading, a head or the title of an axis."""
    match node:
        case ast.Call(func=ast.Name("Section"), args=[_, title, *_]):
            return [title]
        case ast.Call(func=ast.Name("Table"), keywords=keywords):
            return [keyword.value for keyword in keywords if keyword.arg == "head"]
        case ast.Dict(keys=[ast.Constant("text"), *_], values=[text, *_]):
            return [text]
        case _:
            return []


def untranslated(text: ast.AST, given: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Words in an expression, and in what its names stand for, that do not go through a catalogue."""
    match text:
        case ast.Call(func=ast.Name("say" | "say_many" | "message" | "map") | ast.Attribute()):
            return
        case ast.Compare():
            return
        case ast.Constant(str(words)) if re.search("[a-z]{2}", re.sub("<[^>]*>", "", words)):
            yield words
        case ast.Name(name):
            for value in given.get(name, []):
                if not isinstance(value, ast.Name):
                    yield from untranslated(value, {})
        case ast.Subscript(value=value):
            yield from untranslated(value, given)
        case _:
            for part in ast.iter_child_nodes(text):
                yield from untranslated(part, given)


@pytest.mark.parametrize("file", sorted(REPORT.glob("*.py")), ids=lambda file: file.stem)
def test_headings_heads_of_tables_and_axes_are_translated_on_every_page(file: Path):
    assert list(fixed_labels(ast.parse(file.read_text()))) == []


def test_what_scripts_say_is_given_to_them():
    said = set(re.findall(r'say\("([^"]+)"', (TEMPLATES / "page.js").read_text("utf-8")))
    said |= set(
        re.findall(r'\? "(\{found\}[^"]+)" : "(\{found\}[^"]+)"', (TEMPLATES / "page.js").read_text("utf-8"))[
            0
        ]
    )
    assert said == set(scripted._OF_THE_PAGE)
    library = plotly_script()
    assert [word for word in scripted._OF_PLOTLY if f'"{word}"' not in library] == []


def test_the_wheel_has_the_catalogues(tmp_path: Path):
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = zipfile.ZipFile(wheel).namelist()
    for code in CATALOGUES:
        assert file_of(code, "mo").relative_to(ROOT).as_posix() in names


# ---------------------------------------------------------------------- numbers and dates


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "en",
            [
                "1,234.5",
                "10%",
                "0.04%",
                "6.1–15%",
                "9 Oct 2019",
                "RMB 6.1 billion",
                "RMB 3.6–8.9 billion",
                "131 days",
            ],
        ),
        (
            "de",
            [
                "1.234,5",
                "10 %",
                "0,04 %",
                "6,1–15 %",
                "9. Okt. 2019",
                "6,1 Mrd. RMB",
                "3,6–8,9 Mrd. RMB",
                "131 Tage",
            ],
        ),
        ("zh", ["1,234.5", "10%", "0.04%", "6.1–15%", "2019年10月9日", "61亿 RMB", "36–89亿 RMB", "131天"]),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(code: str, told: list[str]):
    with speaking(code):
        found = [
            significant(1234.5, 5),
            percent(0.1026),
            percent(0.0004),
            percent_range(0.061, 0.153),
            day("2019-10-09"),
            Money("RMB million").text(6100.0),
            Money("RMB million").range(3600.0, 8900.0),
            days(130.6),
        ]
    assert [text.replace(NO_BREAK, " ") for text in found] == told


def test_figures_write_per_cent_as_the_text_does():
    assert [language.language(code).formats.get("currency") for code in LANGUAGES] == [
        None,
        ["", f"{NO_BREAK}%"],
        ["", "%"],
    ]
    formats = []
    for code in LANGUAGES:
        with speaking(code):
            formats.append(share_format(1))
    assert formats == [".1%", "$.1%", ".1%"]


def test_futures_stand_in_the_genitive_in_german():
    told = [form for entry in texts(catalogue("de")) for form in forms(entry.string) if "{futures}" in form]
    assert told
    assert [form for form in told if not re.search(r"(Mittel|%)\s{futures}", form)] == []


def test_counts_take_their_form():
    with speaking("de"):
        assert [say_many("{number} day", "{number} days", count) for count in (1, 2)] == ["1 Tag", "2 Tage"]
    assert [say_many("{number} day", "{number} days", count) for count in (1, 2)] == ["1 day", "2 days"]


def test_a_language_ends_with_its_block():
    with pytest.raises(ZeroDivisionError), speaking("de"):
        raise ZeroDivisionError
    assert say("The answer") == "The answer"


# ---------------------------------------------------------------------- pages


def test_a_page_in_english_needs_no_catalogue(pages: dict[str, str]):
    assert '<html lang="en">' in pages["en"]
    assert 'id="tongue"' not in pages["en"]
    assert " lang=" not in pages["en"].replace('<html lang="en">', "")


@pytest.mark.parametrize(("code", "tag"), [("de", "de"), ("zh", "zh-Hans")])
def test_a_page_is_marked_with_its_language(pages: dict[str, str], code: str, tag: str):
    assert f'<html lang="{tag}">' in pages[code]
    given = re.search(r'<script type="application/json" id="tongue">(.*?)</script>', pages[code])
    assert given is not None
    assert json.loads(given[1])["plotly"]["locale"] == tag


@pytest.mark.parametrize("code", CATALOGUES)
def test_no_english_text_is_left_on_the_page_of_a_run(pages: dict[str, str], code: str):
    english = {entry.id for entry in texts(catalogue(code)) if entry.id != entry.string} - {"value", "none"}
    body = re.sub(r'<tbody lang="en">.*?</tbody>', "", pages[code], flags=re.DOTALL)
    assert [text for text in visible(body) if text in english] == []


def test_no_number_of_a_german_page_is_in_english_notation(pages: dict[str, str]):
    body = re.sub(r'<tbody lang="en">.*?</tbody>|<code>.*?</code>', "", pages["de"], flags=re.DOTALL)
    told = [text for text in visible(body) if not text.startswith("chokepoint ")]
    assert [text for text in told if re.search(r"\d\.\d\d?(?!\d)|\d%", text)] == []
    assert any(re.search(rf"\d,\d{NO_BREAK}%", text) for text in told)


def test_parts_in_english_are_marked_on_a_page_in_another_language(pages: dict[str, str]):
    assert re.search(r'<tbody lang="en">', pages["de"])
    assert not re.search(r'<tbody lang="en">', pages["en"])


def test_a_translation_cannot_break_the_page(monkeypatch: pytest.MonkeyPatch):
    class Hostile(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"<img src=x onerror=alert(1)>\"'</script>{message}"

    spoken = replace(language.language("de"), words=Hostile())
    monkeypatch.setattr(language, "language", lambda _: spoken)
    with speaking("de"):
        html = rendered(page_of(fake_findings()))
    assert "<img" not in html
    assert html.count("</script>") == html.count("<script")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("german", "'german'; did you mean 'german (de)'? allowed: en (English), de (German), zh (Chinese)"),
        ("de-AT", "'de-AT'; did you mean 'de'? allowed:"),
        ("fr", "'fr', allowed:"),
        ("", "'', allowed:"),
        (7, "7, allowed:"),
    ],
)
def test_an_unknown_language_is_refused(asked: object, told: str):
    with pytest.raises(SimError, match="language: found ") as refused:
        language.language_of(asked)
    assert told in str(refused.value)


def test_the_command_refuses_an_unknown_language_and_writes_nothing(tmp_path: Path):
    ended = CliRunner().invoke(main, ["report", str(tmp_path), "--language", "chines"])
    assert (ended.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "did you mean 'chinese (zh)'?" in ended.output


def test_every_form_of_a_report_speaks_the_language(tmp_path: Path):
    result = sim.run("scenarios/first-scenario.yaml", replications=8, workers=1)
    assert "Die Antwort" in result.report(language="de")
    assert "结论" in result.report(language="zh")
    for name in ("board.pptx", "board.xlsx", "board.html"):
        file = result.export(tmp_path / name, language="de")
        inside = file.read_text("utf-8") if name.endswith("html") else _all_parts(file)
        assert "Verlust" in inside
        assert "Precision of the mean" not in inside
    assert "The answer" in result.report()


def _all_parts(file: Path) -> str:
    with zipfile.ZipFile(file) as archive:
        return "".join(
            archive.read(name).decode("utf-8", "ignore") for name in archive.namelist() if "xml" in name
        )


# ---------------------------------------------------------------------- calls


def calls(module: ast.Module) -> Iterator[tuple[ast.Call, set[str]]]:
    """What is said with a text that stands in the code, and the values that the text has places for."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name("say"), args=[ast.Constant(str(text))]):
                yield node, places(text)
            case ast.Call(func=ast.Name("say_many"), args=[_, ast.Constant(str(text)), _]):
                yield node, places(text) - {"number"}
            case _:
                continue


@pytest.mark.parametrize(
    "file",
    sorted([*REPORT.glob("*.py"), *EXPLORER.glob("*.py")]),
    ids=lambda file: f"{file.parent.name}-{file.stem}",
)
def test_every_text_is_given_its_values(file: Path):
    lacking = []
    for call, expected in calls(ast.parse(file.read_text())):
        given = {keyword.arg for keyword in call.keywords}
        if None not in given and given != expected:
            lacking.append((call.lineno, sorted(map(str, expected ^ given))))
    assert lacking == []
