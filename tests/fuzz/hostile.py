"""Hostile files made of tokens: pieces of scenarios, words of the language, values that break programs."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Any

from sim.scenario.jsonschema import scenario_json_schema
from tests.fuzz.checked import HERE, OVERRIDE, SCENARIOS

LONGEST_START = 4_000
_TOKEN = re.compile(rb"[\w.+-]+|\n[ ]*|[ ]+|[^\w\s]|\s")
# fmt: off
_SYNTAX = (
    ": ", "- ", "? ", ", ", "{", "}", "[", "]", "'", '"', "|\n", ">\n", "#", "&a ", "*a", "<<: ", "\n",
    "\n  ", "\t", "!!binary ", "!!set ", "!!python/object/apply:os.system ", "!", "%YAML 1.1\n---\n",
    "---\n", "...\n", "@", "`", "{}", "[]", "''", "{a: {b: {c: {d: 1}}}}", "[[[[1]]]]", "\ufeff", "\u2028",
    "\u202e", "\x00", "\x85", "\U0001f4a9", "\ufffd", '"\\ud800"', '"\\0"', "extends: ", "like: ", "\r",
    "\r\n", "? [a]\n: b", "=", ".",
)
_NUMBERS = (
    "0", "-1", "1e-320", "1e-200", "1e-100", "1e-9", "0.1", "0.5", "0.9", "1", "2", "5", "7", "10", "30",
    "60", "365", "1000", "36525", "36526", "1e5", "1e9", "1e12", "1e15", "1e16", "1e100", "1e200", "1e308",
    ".inf", "2 weeks",
)
_VALUES = (
    *_NUMBERS, "-0", "-.inf", ".nan", "1e309", "-1e308", "5e-324", "0.999999999", "9" * 40, "9" * 5000,
    "+5", "1.", "0x7fffffffffffffff", "0o17", "9007199254740993", "-9223372036854775808", "1_000", "1:30",
    "true", "yes", "null", "~", "", "2025-01-01", "2025-02-30", "0000-00-00", "0001-01-01", "9999-12-31",
    "20250101", "2025-W01-1", "2025-01-01T00:00:00", "26 weeks", "999999999 years", "0 days", "1.5 months",
    "1 d", "US", "XA", "UK", "us", "base_stock", "x" * 81, "x" * 3000, "a-b_c", "A", "ä", "base.yaml",
    "circle.yaml", "sales.csv", "broken.csv", "endless.yaml", "pipe.yaml", "directory.yaml", "loop.yaml",
    "hostile.yaml", "/", "..", "y" * 300 + ".yaml", "{file: sales.csv, column: units}",
    "{file: dates.csv, column: units, dates: day, gaps: zero}", "EU", "Germany",
    "{file: dates.csv, column: units, match_calendar: false}",
    "{file: dates.csv, column: day, gaps: left_out}",
    "{file: pipe.yaml, column: a}", "{file: endless.yaml, column: a}",
    "{dist: discrete, values: [0, 1], weights: [1e308, 1e308]}", "{dist: empirical, values: [0, 1]}",
    "{value: 3, source: x, confidence: low}", "{value: .inf}",
)
# fmt: on
_DISTRIBUTIONS = {
    **dict.fromkeys(("normal", "gamma"), ("mean", "sd")),
    **dict.fromkeys(("triangular", "pert"), ("low", "mode", "high")),
    "lognormal": ("median", "sigma"),
    "uniform": ("low", "high"),
    "bernoulli": ("probability",),
}


def sources() -> dict[str, bytes]:
    """Scenarios to take pieces from, by their names."""
    tests = HERE.parent
    files = [
        *sorted(SCENARIOS.glob("*.yaml")),
        tests / "broken" / "valid.yaml",
        tests / "golden" / "small.yaml",
        HERE / "neighbours" / "base.yaml",
        *sorted((HERE / "corpus").glob("*")),
    ]
    return {file.name: file.read_bytes() for file in files}


def starts() -> list[bytes]:
    """Scenarios that are small enough to be changed often."""
    return [data for data in sources().values() if len(data) <= LONGEST_START]


@cache
def words() -> tuple[bytes, ...]:
    """Names of fields, kinds and options, syntax, and hostile values."""
    return tuple(
        word.encode("utf-8") for word in (*dict.fromkeys(_words(scenario_json_schema())), *_SYNTAX, *_VALUES)
    )


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _words(item)
    elif isinstance(part, dict):
        yield from part.get("properties", {})
        for word in (*part.get("enum", []), part.get("const")):
            if isinstance(word, str):
                yield word
        for item in part.values():
            yield from _words(item)


def mutated(data: bytes, others: Sequence[bytes], random: Random, longest: int) -> bytes:
    """A file changed in one to four places.

    Parameters
    ----------
    data
        The file.
    others
        Files to take pieces from.
    random
        Chooses; the same state gives the same file.
    longest
        The most bytes that it may have.
    """
    for _ in range(random.choice((1, 1, 1, 1, 2, 3, 4))):
        change = random.choice(_CHANGES)
        changed = change(data, others, random)
        if len(changed) <= longest:
            data = changed
    return data


Change = Callable[[bytes, Sequence[bytes], Random], bytes]


def _replace_token(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    tokens = _TOKEN.findall(data) or [b""]
    tokens[random.randrange(len(tokens))] = random.choice(words())
    return b"".join(tokens)


def _insert_token(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    tokens = _TOKEN.findall(data)
    tokens.insert(random.randint(0, len(tokens)), random.choice(words()))
    return b"".join(tokens)


def _swap_tokens(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    tokens = _TOKEN.findall(data) or [b""]
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return b"".join(tokens)


def _replace_value(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    """What stands behind a key becomes another value."""
    values = list(_VALUE.finditer(data))
    if not values:
        return data
    start, end = random.choice(values).span(2)
    return data[:start] + random.choice(_VALUES).encode("utf-8") + data[end:]


def _borrow_value(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """What stands behind a key becomes what stands behind the same key elsewhere."""
    values = list(_VALUE.finditer(data))
    if not values:
        return data
    here = random.choice(values)
    same = [value[2] for value in _VALUE.finditer(random.choice(others)) if value[1] == here[1]] or [here[2]]
    return data[: here.start(2)] + random.choice(same) + data[here.end(2) :]


def _replace_by_distribution(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    """What stands behind a key becomes a distribution, truncated or not."""
    values = list(_VALUE.finditer(data))
    if not values:
        return data
    name, fields = random.choice(sorted(_DISTRIBUTIONS.items()))
    numbers = sorted(random.choices(range(len(_NUMBERS)), k=len(fields)))
    if random.random() < 0.5:
        numbers.reverse()
    parameters = dict(zip(fields, (_NUMBERS[number] for number in numbers), strict=True))
    bounds = {bound: random.choice(_NUMBERS) for bound in ("min", "max") if random.random() < 0.3}
    told = "".join(f", {field}: {number}" for field, number in (parameters | bounds).items())
    start, end = random.choice(values).span(2)
    return data[:start] + f"{{dist: {name}{told}}}".encode() + data[end:]


_VALUE = re.compile(rb"(\w+): ([^\n,{}\[\]]+)")


def _delete_line(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    lines = data.split(b"\n")
    del lines[random.randrange(len(lines))]
    return b"\n".join(lines)


def _repeat_line(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    """A line again and again, now and then with a number in its key."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    times = random.choice((1, 1, 2, 3, 10, 100))
    key, colon, rest = lines[at].partition(b":")
    lines[at:at] = [b"%s%d%s%s" % (key, number, colon, rest) if colon else key for number in range(times)]
    return b"\n".join(lines)


def _splice(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Some lines of another file, in place of a line or before it."""
    lines, other = data.split(b"\n"), random.choice(others).split(b"\n")
    start, at = random.randrange(len(other)), random.randrange(len(lines))
    lines[at : at + random.randint(0, 1)] = other[start : start + random.randint(1, 6)]
    return b"\n".join(lines)


def _indent(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = lines[at][1:] if lines[at].startswith(b" ") and random.random() < 0.5 else b"  " + lines[at]
    return b"\n".join(lines)


def _override(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    """A setting of the command line over a path of words of the file."""
    tokens = [token for token in _TOKEN.findall(data) if token.isascii() and token.strip(b" \n:,{}[]-")] or [
        b"a"
    ]
    path = b".".join(random.choice(tokens) for _ in range(random.choice((1, 2, 3, 3, 4, 50))))
    value = random.choice(words()).replace(b"\n", b" ")
    return OVERRIDE.encode() + path + b"=" + value + b"\n" + data


def _extend(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    return b"extends: " + random.choice((b"base.yaml", b"first-scenario.yaml", *words())) + b"\n" + data


def _change_byte(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + bytes([random.randrange(256)]) + data[at + random.randint(0, 1) :]


def _nest(data: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    """A value inside many lists or mappings."""
    at, depth = random.randint(0, len(data)), random.choice((2, 10, 39, 40, 41, 1000))
    opening, closing = random.choice(((b"[", b"]"), (b"{a: ", b"}"), (b"- ", b"")))
    return data[:at] + opening * depth + b"1" + closing * depth + data[at:]


_CHANGES: tuple[Change, ...] = (
    *(_replace_value, _borrow_value, _replace_by_distribution) * 4,
    *(_splice,) * 4,
    *(_replace_token,) * 3,
    *(_insert_token, _swap_tokens, _repeat_line, _override) * 2,
    *(_delete_line, _indent, _extend, _change_byte, _nest),
)
