"""The message catalogues of pages: `make messages` brings them up to date, and tests hold them complete."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from sim.report import language

REPORT = Path(language.__file__).parent
EXPLORER = REPORT.parent / "explorer"
CATALOGUES = [code for code in language.LANGUAGES if code != language.ENGLISH]
METHODS = [("**/server.py", "ignore"), ("**.py", "python"), ("**/templates/*.html", "jinja2")]
"""How texts are found; the explorer's server sends messages that are none, and says what the page does."""
KEYWORDS = {"say": None, "message": None, "say_many": (1, 2)}
"""What is called with a text for the catalogues; `say_many` with one for one thing, and one for several."""
HEADER = "# Message catalogue of chokepoint's pages. Languages in the docs says how to change it."


CREATED = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
"""The same texts make the same file on any day."""


def file_of(code: str, ending: str) -> Path:
    """Where a catalogue is: its text (po), or what is read at run time (mo)."""
    return language.CATALOGUES / code / "LC_MESSAGES" / f"{language.CATALOGUE}.{ending}"


def called_for() -> Catalog:
    """All texts that are in the code and in templates."""
    found = Catalog()
    for folder in (REPORT, EXPLORER):
        for _, _, text, _, _ in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
            found.add(text)
    return found


def catalogue(code: str) -> Catalog:
    """A catalogue as it is."""
    with file_of(code, "po").open("rb") as file:
        return read_po(file, locale=code)


def texts(found: Catalog) -> Iterator[Message]:
    """What is to be translated, without the header."""
    return (entry for entry in found if entry.id)


def updated(code: str) -> Catalog:
    """A catalogue with all texts that are called for and no others; new ones are empty."""
    before = catalogue(code) if file_of(code, "po").exists() else Catalog(locale=code)
    made = Catalog(
        locale=code,
        project="chokepoint",
        header_comment=HEADER,
        creation_date=CREATED,
        last_translator="",
        language_team="",
        fuzzy=False,
    )
    for entry in sorted(texts(called_for()), key=lambda entry: str(entry.id)):
        known = before.get(entry.id)
        made.add(entry.id, known.string if known else "")
    return made


def write(code: str) -> list[str]:
    """Write a catalogue in both forms; what of it is not translated yet."""
    made = updated(code)
    file_of(code, "po").parent.mkdir(parents=True, exist_ok=True)
    with file_of(code, "po").open("wb") as file:
        write_po(file, made, width=110)
    with file_of(code, "mo").open("wb") as file:
        write_mo(file, catalogue(code))
    return [str(entry.id) for entry in texts(made) if not all(forms(entry.string))]


def forms(text: object) -> tuple[str, ...]:
    """A text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


if __name__ == "__main__":
    lacking = [f"{code}: {text}" for code in CATALOGUES for text in write(code)]
    sys.stdout.write("".join(f"not translated: {line}\n" for line in lacking))
    sys.exit(bool(lacking))
