"""YAML becomes plain data with places, and what no scenario needs is refused quickly."""

import math
import os
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import MAX_LISTED, Place, ScenarioError
from sim.scenario import source
from sim.scenario.scalars import resolve
from sim.scenario.source import SourceNode, read_file, read_text

MANY = 300_000
GUARD_SECONDS = 6.0  # a tenth of this on an idle machine; with quadratic work it would be minutes
ALIAS_BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefghijklmnop")
)


def refused(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    return str(caught.value).replace(str(path), "FILE")


def at(node: SourceNode, key: str | int) -> SourceNode:
    child = node.value[key]  # type: ignore[index]
    assert isinstance(child, SourceNode)
    return child


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "scenario.yaml"


class TestResolve:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("", None), ("~", None), ("null", None), ("NULL", None),
            ("true", True), ("False", False),
            ("0", 0), ("-12", -12), ("+3", 3), ("0o17", 15), ("0xfF", 255), ("007", 7),
            ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-3", -0.0015),
            (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf),
            ("9007199254740993", 9007199254740992.0),
        ],
    )  # fmt: skip
    def test_core_schema(self, text: str, value: object):
        assert resolve(text) == value
        assert type(resolve(text)) is type(value)

    @pytest.mark.parametrize(
        "text",
        [
            "yes", "no", "on", "off", "y", "n", "tRue", "nil", "1_000", "0b1", "190:20:30", "2019-05-16",
            "1.2.3", "-", ".", "+", "1e", "0x", "0o8", "inf", "nan", "e5", "١٢", "1,5", "<<", "=",
        ],
    )  # fmt: skip
    def test_all_else_is_text(self, text: str):
        assert resolve(text) == text

    def test_not_a_number(self):
        assert math.isnan(resolve(".nan"))  # type: ignore[arg-type]

    @pytest.mark.parametrize("text", ["1e999", "9" * 41, "0." + "0" * 400 + "1", "-1e400"])
    def test_absurd_numbers_are_refused(self, text: str):
        with pytest.raises(ValueError, match="found"):
            resolve(text)

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_every_float_reads_back(self, number: float):
        assert resolve(repr(number)) == number

    @given(st.integers(-(2**53), 2**53))
    def test_every_exact_integer_reads_back(self, number: int):
        assert resolve(str(number)) == number


class TestPlaces:
    def test_values_and_keys_know_where_they_stand(self, file: Path):
        file.write_text("a: 1\nb:\n  c: [x, {d: y}]\n")
        root = read_file(file).root
        assert root.plain == {"a": 1, "b": {"c": ["x", {"d": "y"}]}}
        b = at(root, "b")
        c = at(b, "c")
        assert b.key_place == b.shown_at == Place(str(file), 2, 1)
        assert c.place == Place(str(file), 3, 6)
        assert at(at(c, 1), "d").place == Place(str(file), 3, 14)

    def test_columns_count_characters_not_bytes(self, file: Path):
        file.write_text("é€𝄞: {a: 1, a: 2}\n", encoding="utf-8")
        assert refused(file) == "FILE:1:13: 'a' stands here a second time; the first is on line 1"

    def test_windows_line_ends_and_byte_order_mark(self, file: Path):
        file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\nb: 3\r\n")
        assert refused(file) == "FILE:3:1: 'b' stands here a second time; the first is on line 2"

    def test_text_has_no_lines(self):
        assert str(read_text("[1, 2]", "command line").place) == "command line"


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "FILE:1:1: the file is empty, allowed: a scenario"),
            (b"\n# nothing\n", "FILE:1:1: the file is empty, allowed: a scenario"),
            (b"---\n...\n", "FILE:2:1: the file holds no mapping, allowed: 'key: value' lines at"),
            (b"- a\n", "FILE:1:1: the file holds no mapping"),
            (b"just text", "FILE:1:1: the file holds no mapping"),
            (b"a: 1\nb: \xff\xfe\n", "FILE:2:4: the byte 0xFF is not UTF-8; save the file as UTF-8"),
            ("a: ü".encode("latin-1"), "FILE:1:4: the byte 0xFC is not UTF-8"),
            ("a: 1".encode("utf-16"), "the file is binary, allowed: text in UTF-8; save it as UTF-8"),
            (b"\x7fELF\x02\x01\x01\x00", "FILE:1:8: the file is binary"),
            (b"a: 1\nb: \x00", "FILE:2:4: the file is binary"),
            (b"a: \x07", "FILE:1:4: found the control character U+0007"),
            ("a: b\u2028c: d".encode(), "FILE:1:5: found the control character U+2028"),
            (b"a: 'x\n\nb: c\n", "FILE:1:4: a quoted text is never closed"),
            (b"a: b\n  c: d\n", "FILE:2:4: a ':' stands where none is allowed"),
            (b"a: b\nc\n", "FILE:3:1: a ':' is missing after a key"),
            (b"a: [b, c\nd: e\n", "FILE:2:2: a ',' or the closing ']'"),
            (b'a: "\\q"\n', "FILE:1:5: unknown escape"),
            (b"a: `b`\n", "FILE:1:4: a text cannot begin with '`'; quote it"),
            (b"a: 1\n---\nb: 1\n", "FILE:2:1: a second document begins here"),
            (b"? {a: 1}\n: 2\n", "FILE:1:3: found a mapping as a key"),
            (b"1.5: 2\n", "FILE:1:1: found '1.5' as a key, which YAML reads as a number"),
            (b"true: 2\n", "FILE:1:1: found 'true' as a key, which YAML reads as a truth value"),
            (b"? \n: 2\n", "FILE:1:2: found no key; allowed: a text"),
            (b"a: ! b\n", "FILE:1:4: found the tag '!', allowed: none"),
            (b"!!map {a: b}\n", "FILE:1:1: found the tag '!!map', allowed: none"),
            (b"!x a: b\n", "found the tag '!x', allowed: none"),
            (b"&x a: b\n", "found the anchor '&x', allowed: none"),
            (ALIAS_BOMB.encode(), "FILE:1:4: found the anchor '&a', allowed: none"),
            (b"a: *b\n", "FILE:1:4: found the alias '*b'"),
            (b"%FOO\n---\na: b\n", "this is not YAML: found unknown directive name"),
            (b"a: 1\n" * 2_000, "FILE:2:1: 'a' stands here a second time; the first is on line 1"),
        ],
    )  # fmt: skip
    def test_bad_content(self, file: Path, content: bytes, message: str):
        file.write_bytes(content)
        assert refused(file).startswith(message) or message in refused(file)

    @pytest.mark.parametrize(
        "content",
        [
            "a: " + "[" * 1_900_000,
            "a: " + "{b: " * 400_000,
            "- " * 900_000,
            "? " * 900_000,
            "a: [" + "1," * 900_000 + "1]",
            "".join(f"k{line}: 1\n" for line in range(MANY)),
            "a: " + "9" * 1_900_000,
            "a: '" + "\n" * 1_900_000,
            "a: " + "é" * 10_500_000,
            "x" * 1_900_000 + ": 1",
            "# " * 5_000_000,
            "a: " + "[" * 10_000_000,
        ],
        ids=lambda content: f"{content[:6].strip()}-{len(content)}",
    )
    def test_hostile_files_are_refused_quickly(self, file: Path, content: str):
        file.write_text(content, encoding="utf-8")
        start = time.process_time()
        message = refused(file)
        assert time.process_time() - start < GUARD_SECONDS
        assert len(message) < 200

    def test_many_mistakes_are_told_at_once(self, file: Path):
        file.write_text("a: 1\na: 2\n3: 4\nb: 1e999\n")
        assert len(refused(file).splitlines()) == 3

    def test_directory(self, tmp_path: Path):
        assert (
            refused(tmp_path)
            == "FILE is a directory, allowed: a scenario file, or a folder with scenario.yaml in it"
        )

    def test_missing_file(self, file: Path):
        assert refused(file) == "there is no file FILE"

    def test_pipe(self, file: Path):
        os.mkfifo(file)
        assert refused(file) == "FILE is not a regular file, allowed: a scenario file"

    def test_a_long_list_of_mistakes_is_cut(self, file: Path):
        file.write_text("a: 1\n" * MANY)
        assert refused(file).count("stands here a second time") == MAX_LISTED
        assert refused(file).endswith("and more problems")

    def test_name_too_long(self):
        assert "cannot be read: File name too long" in refused(Path("x" * 5000))

    def test_name_with_nul(self):
        assert "cannot be read" in refused(Path("a\0b"))

    def test_loop_of_links(self, file: Path):
        file.symlink_to(file)
        assert "cannot be read" in refused(file)

    def test_unreadable_file(self, file: Path, monkeypatch: pytest.MonkeyPatch):
        file.write_text("a: 1")

        def deny(*_: object):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", deny)
        assert refused(file) == "FILE cannot be read: Permission denied"


def test_the_pure_python_parser_gives_the_same(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.write_text("a: [1, 'x', \"y\"]\nb:\n  c: 0x10\n")
    fast = read_file(file)
    monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    assert read_file(file) == fast


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}?,&*!|>'\"% #\n\t~0.", max_size=80))
def test_no_text_crashes_the_reader(text: str):
    with suppress(ScenarioError):
        read_text(text)
